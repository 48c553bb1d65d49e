#include "lab/impairment_text.hpp"

namespace netduel {

const std::vector<Preset>& presets() {
  // Each is a plausible example of its kind and no measurement of a certain network.
  static const std::vector<Preset> all = {
      {"wifi-poor",
       "far from the access point: bursts of loss, jitter, 5 Mbit/s",
       "bursty wireless loss: Gilbert 1960 and Elliott 1963; a rate as of 802.11g's fringe",
       {{"loss", "burst:2%,4"},
        {"delay", "5ms"},
        {"jitter", "4ms"},
        {"bottleneck", "5M"},
        {"queue", "100ms"}}},
      {"lte",
       "a mobile phone: 40 ms round trip, 30 Mbit/s down, 10 Mbit/s up, deep queues",
       "3GPP TR 25.913 asks for under 100 ms control and 5 ms user plane in the radio network; "
       "queues of hundreds of ms: Jiang et al., IMC 2012 (bufferbloat in cellular networks)",
       {{"delay", "20ms"},
        {"jitter", "5ms"},
        {"up-bottleneck", "10M"},
        {"down-bottleneck", "30M"},
        {"queue", "300ms"}}},
      {"satellite-geo",
       "a geostationary satellite: 250 ms each way, 0.1 % loss, 20 Mbit/s down, 5 Mbit/s up",
       "RFC 2488, section 2: 239.6 to 279.0 ms from ground to ground",
       {{"delay", "250ms"},
        {"loss", "0.1%"},
        {"up-bottleneck", "5M"},
        {"down-bottleneck", "20M"},
        {"queue", "200ms"}}},
      {"transatlantic",
       "New York to London by cable: 35 ms each way, 1 Gbit/s, hardly any loss",
       "5570 km at two thirds of the speed of light are 28 ms; cables and routers add the rest",
       {{"delay", "35ms"}, {"loss", "0.001%"}, {"bottleneck", "1G"}, {"queue", "20ms"}}},
      {"bufferbloat",
       "a home's uplink behind a queue of a second: 1 Mbit/s up, 10 Mbit/s down",
       "Gettys and Nichols, Bufferbloat: Dark Buffers in the Internet, ACM Queue 9(11), 2011",
       {{"delay", "10ms"},
        {"up-bottleneck", "1M"},
        {"down-bottleneck", "10M"},
        {"up-queue", "1s"},
        {"down-queue", "500ms"}}},
  };
  return all;
}

}  // namespace netduel
