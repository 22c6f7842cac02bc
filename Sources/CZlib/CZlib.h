/// zlib for Swift.
///
/// zlib begins a stream by macros, which Swift does not import. Each function here is one of them.

#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

/// Begins to decode; 15 window bits are for the zlib format, 31 for gzip.
static inline int czlib_inflate_init(z_stream *stream, int window_bits) {
  return inflateInit2(stream, window_bits);
}

/// Begins to encode; window bits as for decoding.
static inline int czlib_deflate_init(z_stream *stream, int level, int window_bits) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

#endif
