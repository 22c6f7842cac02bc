/// What becomes of a request once its head is read and its route is known.
package enum Admission: Sendable {
  /// It goes on; the handler finds the caller, if there is a name for it, in the request.
  case admitted(caller: String?)
  /// It is answered at once, its body unread, and counted under the code; the caller is for the log.
  case refused(HTTPResponse, code: String, caller: String?)
}

/// Who may use a route, where callers are told apart.
package enum RouteAccess: Sendable, Hashable {
  /// Those who may read, for GET and HEAD; for every other method those who may change.
  case byMethod
  /// Those who may read, whatever the method: the route changes nothing.
  case readers
  /// Everyone, without a word on who they are.
  case everyone
}
