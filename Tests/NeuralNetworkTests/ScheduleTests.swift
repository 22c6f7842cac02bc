import NeuralNetwork
import TestSupport
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private func course(_ written: JSONValue, warmup: Int = 0) throws -> LearningRateCourse {
    let kind = try kind(written, of: ScheduleCatalogue.kinds)
    return LearningRateCourse(try #require(kind as? any Schedule), warmupEpochs: warmup)
  }

  private func rates(_ course: LearningRateCourse, epochs: Int) -> [Double] {
    (0..<epochs).map { course.rate(0.8, epoch: $0, of: epochs) }
  }

  private func expect(
    _ rates: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(rates.count == expected.count, sourceLocation: sourceLocation)
    for (rate, wanted) in zip(rates, expected) {
      #expect((rate - wanted).magnitude <= 1e-12, "\(rates)", sourceLocation: sourceLocation)
    }
  }

  @Test("a rate of 0 stays 0, however much a schedule lets it grow")
  func zero() throws {
    let course = try course(written("exponential", ["gamma": .integer(10)]))
    #expect(course.rate(0, epoch: 400, of: 1_000) == 0)
  }

  @Test("constant is the rate")
  func constant() throws {
    expect(rates(try course(.string("constant")), epochs: 3), [0.8, 0.8, 0.8])
  }

  @Test("step multiplies by gamma every so many epochs")
  func step() throws {
    let written = written("step", ["step_size": .integer(2), "gamma": .number(0.5)])
    expect(rates(try course(written), epochs: 6), [0.8, 0.8, 0.4, 0.4, 0.2, 0.2])
  }

  @Test("exponential multiplies by gamma every epoch")
  func exponential() throws {
    let written = written("exponential", ["gamma": .number(0.5)])
    expect(rates(try course(written), epochs: 4), [0.8, 0.4, 0.2, 0.1])
  }

  @Test("cosine falls to the minimum at the period's end and stays there")
  func cosine() throws {
    // cos 0 = 1, cos 45 = 1/sqrt 2, cos 90 = 0, cos 135 = -1/sqrt 2, cos 180 = -1.
    let half = 0.5.squareRoot()
    let written = written("cosine", ["minimum": .number(0.2), "period": .integer(4)])
    expect(
      rates(try course(written), epochs: 7),
      [0.8, 0.5 + 0.3 * half, 0.5, 0.5 - 0.3 * half, 0.2, 0.2, 0.2])
    // Without a period all epochs are one.
    expect(
      rates(try course(.string("cosine")), epochs: 4),
      [0.8, 0.4 + 0.4 * half, 0.4, 0.4 - 0.4 * half])
  }

  @Test("a warm-up rises evenly, and the schedule begins behind it")
  func warmup() throws {
    let exponential = written("exponential", ["gamma": .number(0.5)])
    expect(
      rates(try course(exponential, warmup: 4), epochs: 7), [0.2, 0.4, 0.6, 0.8, 0.8, 0.4, 0.2])
    // Of six epochs four are cosine's.
    let half = 0.5.squareRoot()
    expect(
      rates(try course(.string("cosine"), warmup: 2), epochs: 6),
      [0.4, 0.8, 0.8, 0.4 + 0.4 * half, 0.4, 0.4 - 0.4 * half])
  }

  @Test("reduce_on_plateau waits for patience epochs, and begins to count anew")
  func plateau() throws {
    var course = try course(
      written(
        "reduce_on_plateau",
        [
          "factor": .number(0.5), "patience": .integer(1), "threshold": .number(0.1),
          "minimum": .number(0.15),
        ]))
    // The first is the best. 0.91 is not below 1 - 0.1, and neither is the next: reduced. 0.89 is
    // the best from there on; then two and two that are not below 0.801.
    let losses = [1, 0.91, 0.95, 0.89, 0.81, 0.85, 0.9, .nan, 0.9, 0.9]
    var rates: [Double] = []
    for (epoch, loss) in losses.enumerated() {
      rates.append(course.rate(0.8, epoch: epoch, of: 10))
      course.observe(loss, epoch: epoch)
    }
    rates.append(course.rate(0.8, epoch: 10, of: 10))
    expect(rates, [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.15, 0.15, 0.15])
  }

  @Test("reduce_on_plateau counts no epoch of the warm-up, and never raises the rate")
  func plateauBehindWarmup() throws {
    let written = written(
      "reduce_on_plateau", ["patience": .integer(0), "minimum": .number(2)])
    var course = try course(written, warmup: 2)
    for epoch in 0..<5 { course.observe(1, epoch: epoch) }
    #expect(course.rate(0.8, epoch: 5, of: 9) == 0.8)
    #expect(course.rate(4, epoch: 5, of: 9) == 2)
    var reducing = try self.course(
      TestSupport.written("reduce_on_plateau", ["patience": .integer(0)]), warmup: 2)
    for epoch in 0..<3 { reducing.observe(1, epoch: epoch) }
    #expect(reducing.rate(0.8, epoch: 3, of: 9) == 0.8)
    reducing.observe(1, epoch: 3)
    expect([reducing.rate(0.8, epoch: 4, of: 9)], [0.08])
  }

  @Test("a high power is within rounding of the true one", arguments: [1, 2, 3, 10, 1_000, 9_999])
  func powers(epoch: Int) throws {
    let course = try course(written("exponential", ["gamma": .number(0.999)]))
    // 0.999^n by n multiplications is off by n rounding errors at most.
    let expected = (0..<epoch).reduce(1.0) { product, _ in product * 0.999 }
    let rate = course.rate(1, epoch: epoch, of: 10_000)
    #expect((rate - expected).magnitude <= expected * Double(epoch) * 0x1p-52)
  }
}
