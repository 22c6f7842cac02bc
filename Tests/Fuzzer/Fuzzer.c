// The entry that libFuzzer's main calls. It is C because SwiftPM gives every Swift executable a
// main of its own, which would stand beside libFuzzer's.

#include <stddef.h>
#include <stdint.h>

void descent_fuzz(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  descent_fuzz(bytes, count);
  return 0;
}
