// What Swift's Glibc module leaves out: epoll(7), and socket filters (socket(7), SO_ATTACH_FILTER).
#include <linux/filter.h>
#include <sys/epoll.h>
