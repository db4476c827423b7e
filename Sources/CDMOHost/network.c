#define _GNU_SOURCE
#include "cdmohost.h"
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int dmo_tcp_received(int fd, uint16_t *port, uint64_t *bytes) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 || peer.sin_family != AF_INET) return -1;
  struct tcp_info info;
  memset(&info, 0, sizeof info);
  size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
  *port = ntohs(peer.sin_port);
  *bytes = info.tcpi_bytes_received;
  return 0;
}
