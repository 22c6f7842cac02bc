/// How the points of a class look: a colour, and a shape about the origin.
struct Marker {
  let colour: String
  let path: String

  /// The marker of a class; from the ninth on they come again.
  init(label: Int) {
    let index = ((label % Self.all.count) + Self.all.count) % Self.all.count
    self = Self.all[index]
  }

  private init(_ colour: String, _ path: String) {
    self.colour = colour
    self.path = path
  }

  /// The cross over a misclassified point.
  static let cross = "M-3.6-3.6L3.6 3.6M-3.6 3.6L3.6-3.6"

  // Okabe and Ito's colours, black left to the crosses.
  private static let all = [
    Marker("#0072B2", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z"),
    Marker("#D55E00", "M0-3.7L3.6 2.5H-3.6z"),
    Marker("#009E73", "M-2.7-2.7h5.4v5.4h-5.4z"),
    Marker("#CC79A7", "M0-3.9L3.3 0L0 3.9L-3.3 0z"),
    Marker("#E69F00", "M0 3.7L3.6-2.5H-3.6z"),
    Marker("#56B4E9", "M0-3.4L3.2-1.1L2 2.8H-2L-3.2-1.1z"),
    Marker("#F0E442", "M-1.1-3.3h2.2v2.2h2.2v2.2h-2.2v2.2h-2.2v-2.2h-2.2v-2.2h2.2z"),
    Marker("#999999", "M-1.7-3.1h3.4l1.8 3.1l-1.8 3.1h-3.4l-1.8-3.1z"),
  ]
}
