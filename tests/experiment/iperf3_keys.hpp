#pragma once

#include <string_view>

namespace netduel::test {

// The members of the documents that `iperf3 -J` of version 3.12 (Debian 12) wrote on loopback:
// names in the order of the alphabet with their types, n for a number, s a string and b a boolean,
// and of lists the different kinds of entries. More streams (-P), octets (-n), omitted time (-O)
// gave the same members.
namespace iperf3_keys {

inline constexpr std::string_view tcp =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},receiver_tcp_congestion:s,sender_tcp_congestion:s,"
    "streams:[{receiver:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,socket:n,start:n},"
    "sender:{bits_per_second:n,bytes:n,end:n,max_rtt:n,max_snd_cwnd:n,max_snd_wnd:n,mean_rtt:n,"
    "min_rtt:n,retransmits:n,seconds:n,sender:b,socket:n,start:n}}],"
    "sum_received:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,start:n},"
    "sum_sent:{bits_per_second:n,bytes:n,end:n,retransmits:n,seconds:n,sender:b,start:n}},"
    "intervals:[{streams:[{bits_per_second:n,bytes:n,end:n,omitted:b,pmtu:n,retransmits:n,"
    "rtt:n,rttvar:n,seconds:n,sender:b,snd_cwnd:n,snd_wnd:n,socket:n,start:n}],"
    "sum:{bits_per_second:n,bytes:n,end:n,omitted:b,retransmits:n,seconds:n,sender:b,"
    "start:n}}],start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,"
    "socket:n}],connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,"
    "sock_bufsize:n,system_info:s,target_bitrate:n,tcp_mss_default:n,test_start:{blksize:n,"
    "blocks:n,bytes:n,duration:n,num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,"
    "tos:n},timestamp:{time:s,timesecs:n},version:s}}";

inline constexpr std::string_view tcp_reverse =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},receiver_tcp_congestion:s,sender_tcp_congestion:s,"
    "streams:[{receiver:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,socket:n,start:n},"
    "sender:{bits_per_second:n,bytes:n,end:n,max_rtt:n,max_snd_cwnd:n,max_snd_wnd:n,mean_rtt:n,"
    "min_rtt:n,retransmits:n,seconds:n,sender:b,socket:n,start:n}}],"
    "sum_received:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,start:n},"
    "sum_sent:{bits_per_second:n,bytes:n,end:n,retransmits:n,seconds:n,sender:b,start:n}},"
    "intervals:[{streams:[{bits_per_second:n,bytes:n,end:n,omitted:b,seconds:n,sender:b,"
    "socket:n,start:n}],sum:{bits_per_second:n,bytes:n,end:n,omitted:b,seconds:n,sender:b,"
    "start:n}}],start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,"
    "socket:n}],connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,"
    "sock_bufsize:n,system_info:s,target_bitrate:n,tcp_mss_default:n,test_start:{blksize:n,"
    "blocks:n,bytes:n,duration:n,num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,"
    "tos:n},timestamp:{time:s,timesecs:n},version:s}}";

inline constexpr std::string_view tcp_both =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},receiver_tcp_congestion:s,sender_tcp_congestion:s,"
    "streams:[{receiver:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,socket:n,start:n},"
    "sender:{bits_per_second:n,bytes:n,end:n,max_rtt:n,max_snd_cwnd:n,max_snd_wnd:n,mean_rtt:n,"
    "min_rtt:n,retransmits:n,seconds:n,sender:b,socket:n,start:n}}],"
    "sum_received:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,start:n},"
    "sum_received_bidir_reverse:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,start:n},"
    "sum_sent:{bits_per_second:n,bytes:n,end:n,retransmits:n,seconds:n,sender:b,start:n},"
    "sum_sent_bidir_reverse:{bits_per_second:n,bytes:n,end:n,retransmits:n,seconds:n,sender:b,"
    "start:n}},intervals:[{streams:[{bits_per_second:n,bytes:n,end:n,omitted:b,pmtu:n,"
    "retransmits:n,rtt:n,rttvar:n,seconds:n,sender:b,snd_cwnd:n,snd_wnd:n,socket:n,"
    "start:n}|{bits_per_second:n,bytes:n,end:n,omitted:b,seconds:n,sender:b,socket:n,start:n}],"
    "sum:{bits_per_second:n,bytes:n,end:n,omitted:b,retransmits:n,seconds:n,sender:b,start:n},"
    "sum_bidir_reverse:{bits_per_second:n,bytes:n,end:n,omitted:b,seconds:n,sender:b,"
    "start:n}}],start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,"
    "socket:n}],connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,"
    "sock_bufsize:n,system_info:s,target_bitrate:n,tcp_mss_default:n,test_start:{blksize:n,"
    "blocks:n,bytes:n,duration:n,num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,"
    "tos:n},timestamp:{time:s,timesecs:n},version:s}}";

inline constexpr std::string_view tcp_with_server_output =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},receiver_tcp_congestion:s,sender_tcp_congestion:s,"
    "streams:[{receiver:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,socket:n,start:n},"
    "sender:{bits_per_second:n,bytes:n,end:n,max_rtt:n,max_snd_cwnd:n,max_snd_wnd:n,mean_rtt:n,"
    "min_rtt:n,retransmits:n,seconds:n,sender:b,socket:n,start:n}}],"
    "sum_received:{bits_per_second:n,bytes:n,end:n,seconds:n,sender:b,start:n},"
    "sum_sent:{bits_per_second:n,bytes:n,end:n,retransmits:n,seconds:n,sender:b,start:n}},"
    "intervals:[{streams:[{bits_per_second:n,bytes:n,end:n,omitted:b,pmtu:n,retransmits:n,"
    "rtt:n,rttvar:n,seconds:n,sender:b,snd_cwnd:n,snd_wnd:n,socket:n,start:n}],"
    "sum:{bits_per_second:n,bytes:n,end:n,omitted:b,retransmits:n,seconds:n,sender:b,"
    "start:n}}],server_output_text:s,start:{connected:[{local_host:s,local_port:n,"
    "remote_host:s,remote_port:n,socket:n}],connecting_to:{host:s,port:n},cookie:s,"
    "rcvbuf_actual:n,sndbuf_actual:n,sock_bufsize:n,system_info:s,target_bitrate:n,"
    "tcp_mss_default:n,test_start:{blksize:n,blocks:n,bytes:n,duration:n,num_streams:n,omit:n,"
    "protocol:s,reverse:n,target_bitrate:n,tos:n},timestamp:{time:s,timesecs:n},version:s}}";

inline constexpr std::string_view udp =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},streams:[{udp:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,"
    "lost_packets:n,lost_percent:n,out_of_order:n,packets:n,seconds:n,sender:b,socket:n,"
    "start:n}}],sum:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,"
    "packets:n,seconds:n,sender:b,start:n},sum_received:{bits_per_second:n,bytes:n,end:n,"
    "jitter_ms:n,lost_packets:n,lost_percent:n,packets:n,seconds:n,sender:b,start:n},"
    "sum_sent:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,"
    "packets:n,seconds:n,sender:b,start:n}},intervals:[{streams:[{bits_per_second:n,bytes:n,"
    "end:n,omitted:b,packets:n,seconds:n,sender:b,socket:n,start:n}],sum:{bits_per_second:n,"
    "bytes:n,end:n,omitted:b,packets:n,seconds:n,sender:b,start:n}}],"
    "start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,socket:n}],"
    "connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,sock_bufsize:n,"
    "system_info:s,target_bitrate:n,test_start:{blksize:n,blocks:n,bytes:n,duration:n,"
    "num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,tos:n},timestamp:{time:s,"
    "timesecs:n},version:s}}";

inline constexpr std::string_view udp_reverse =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},streams:[{udp:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,"
    "lost_packets:n,lost_percent:n,out_of_order:n,packets:n,seconds:n,sender:b,socket:n,"
    "start:n}}],sum:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,"
    "packets:n,seconds:n,sender:b,start:n},sum_received:{bits_per_second:n,bytes:n,end:n,"
    "jitter_ms:n,lost_packets:n,lost_percent:n,packets:n,seconds:n,sender:b,start:n},"
    "sum_sent:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,"
    "packets:n,seconds:n,sender:b,start:n}},intervals:[{streams:[{bits_per_second:n,bytes:n,"
    "end:n,jitter_ms:n,lost_packets:n,lost_percent:n,omitted:b,packets:n,seconds:n,sender:b,"
    "socket:n,start:n}],sum:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,"
    "lost_percent:n,omitted:b,packets:n,seconds:n,sender:b,start:n}}],"
    "start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,socket:n}],"
    "connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,sock_bufsize:n,"
    "system_info:s,target_bitrate:n,test_start:{blksize:n,blocks:n,bytes:n,duration:n,"
    "num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,tos:n},timestamp:{time:s,"
    "timesecs:n},version:s}}";

inline constexpr std::string_view udp_both =
    "{end:{cpu_utilization_percent:{host_system:n,host_total:n,host_user:n,remote_system:n,"
    "remote_total:n,remote_user:n},streams:[{udp:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,"
    "lost_packets:n,lost_percent:n,out_of_order:n,packets:n,seconds:n,sender:b,socket:n,"
    "start:n}}],sum:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,"
    "packets:n,seconds:n,sender:b,start:n},sum_bidir_reverse:{bits_per_second:n,bytes:n,end:n,"
    "jitter_ms:n,lost_packets:n,lost_percent:n,packets:n,seconds:n,sender:b,start:n},"
    "sum_received:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,"
    "packets:n,seconds:n,sender:b,start:n},sum_received_bidir_reverse:{bits_per_second:n,"
    "bytes:n,end:n,jitter_ms:n,lost_packets:n,lost_percent:n,packets:n,seconds:n,sender:b,"
    "start:n},sum_sent:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,"
    "lost_percent:n,packets:n,seconds:n,sender:b,start:n},"
    "sum_sent_bidir_reverse:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,"
    "lost_percent:n,packets:n,seconds:n,sender:b,start:n}},"
    "intervals:[{streams:[{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,"
    "lost_percent:n,omitted:b,packets:n,seconds:n,sender:b,socket:n,"
    "start:n}|{bits_per_second:n,bytes:n,end:n,omitted:b,packets:n,seconds:n,sender:b,socket:n,"
    "start:n}],sum:{bits_per_second:n,bytes:n,end:n,omitted:b,packets:n,seconds:n,sender:b,"
    "start:n},sum_bidir_reverse:{bits_per_second:n,bytes:n,end:n,jitter_ms:n,lost_packets:n,"
    "lost_percent:n,omitted:b,packets:n,seconds:n,sender:b,start:n}}],"
    "start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,socket:n}],"
    "connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,sock_bufsize:n,"
    "system_info:s,target_bitrate:n,test_start:{blksize:n,blocks:n,bytes:n,duration:n,"
    "num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,tos:n},timestamp:{time:s,"
    "timesecs:n},version:s}}";

inline constexpr std::string_view refused =
    "{end:{},error:s,intervals:[],start:{connected:[],system_info:s,version:s}}";

inline constexpr std::string_view killed =
    "{end:{},error:s,intervals:[{streams:[{bits_per_second:n,bytes:n,end:n,omitted:b,pmtu:n,"
    "retransmits:n,rtt:n,rttvar:n,seconds:n,sender:b,snd_cwnd:n,snd_wnd:n,socket:n,start:n}],"
    "sum:{bits_per_second:n,bytes:n,end:n,omitted:b,retransmits:n,seconds:n,sender:b,"
    "start:n}}],start:{connected:[{local_host:s,local_port:n,remote_host:s,remote_port:n,"
    "socket:n}],connecting_to:{host:s,port:n},cookie:s,rcvbuf_actual:n,sndbuf_actual:n,"
    "sock_bufsize:n,system_info:s,target_bitrate:n,tcp_mss_default:n,test_start:{blksize:n,"
    "blocks:n,bytes:n,duration:n,num_streams:n,omit:n,protocol:s,reverse:n,target_bitrate:n,"
    "tos:n},timestamp:{time:s,timesecs:n},version:s}}";

}  // namespace iperf3_keys

}  // namespace netduel::test
