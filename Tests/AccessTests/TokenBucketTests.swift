import Testing

@testable import Access

private let second: Int64 = 1_000_000_000

@Suite("TokenBucket")
struct TokenBucketTests {
  @Test(
    "gives two seconds' worth at once, at least one",
    arguments: [(0.1, 1), (0.5, 1), (1, 2), (2.5, 5), (100, 200)])
  func burst(rate: Double, count: Int) {
    var bucket = TokenBucket(rate: rate, at: 5)
    for _ in 0..<count { #expect(bucket.take(at: 5) == nil) }
    #expect(bucket.take(at: 5) != nil)
  }

  @Test("fills up at its rate, and not beyond two seconds' worth")
  func fills() {
    var bucket = TokenBucket(rate: 4, at: 0)
    for _ in 0..<8 { #expect(bucket.take(at: 0) == nil) }
    // After 1/4 s there is one more: 4 * 0.25 = 1.
    #expect(bucket.take(at: second / 4 - 1) == 1)
    #expect(bucket.take(at: second / 4) == nil)
    #expect(bucket.take(at: second / 4) == 1)
    for _ in 0..<8 { #expect(bucket.take(at: 100 * second) == nil) }
    #expect(bucket.take(at: 100 * second) == 1)
  }

  @Test(
    "tells the whole seconds after which a token is there",
    arguments: [(0.1, 10), (0.3, 4), (1, 1), (50, 1)])
  func wait(rate: Double, seconds: Int) {
    var bucket = TokenBucket(rate: rate, at: 0)
    while bucket.take(at: 0) == nil {}
    #expect(bucket.take(at: 0) == seconds)
    #expect(bucket.take(at: Int64(seconds) * second) == nil)
  }

  @Test("a time that steps back fills nothing, and takes nothing")
  func steppingBack() {
    var bucket = TokenBucket(rate: 0.5, at: 10 * second)
    #expect(bucket.take(at: 10 * second) == nil)
    #expect(bucket.take(at: 0) == 2)
    #expect(bucket.take(at: 11 * second) == 1)
    #expect(bucket.take(at: 12 * second) == nil)
  }
}
