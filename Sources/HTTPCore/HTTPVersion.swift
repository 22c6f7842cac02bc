/// The two versions of the protocol that are spoken here; a higher minor number counts as 1.1.
package enum HTTPVersion: Sendable, Hashable {
  case http10
  case http11
}
