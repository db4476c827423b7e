#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Whether anyone on the machine could have put a plugin where it lies: loading it runs its code with the user's
/// rights.
enum PluginTrust {
  /// Why a file must not be loaded, or nil: it or a folder above it can be written by everybody. A folder like /tmp,
  /// where
  /// everybody writes but only owners remove, is fine for what the user or root owns.
  static func objection(to path: String) -> PluginError? {
    guard let real = PluginFinder.realPath(path) else { return nil }
    var place = real
    while true {
      var info = stat()
      guard stat(place, &info) == 0 else { return nil }
      if info.st_mode & S_IWOTH != 0 && info.st_mode & S_IFMT != S_IFLNK {
        let isFolder = info.st_mode & S_IFMT == S_IFDIR
        let guardsOwners = isFolder && info.st_mode & S_ISVTX != 0
        if !guardsOwners { return refusal(real, place, isFolder: isFolder) }
        if let owner = foreignOwner(below: place, of: real) { return refusal(real, place, isFolder: true, owner: owner) }
      }
      guard place != "/", let slash = place.lastIndex(of: "/") else { return nil }
      place = slash == place.startIndex ? "/" : String(place[..<slash])
    }
  }

  /// The owner of the entry of `folder` that leads to the file, when it is neither the user nor root.
  private static func foreignOwner(below folder: String, of path: String) -> uid_t? {
    let start = folder == "/" ? path.index(after: path.startIndex) : path.index(path.startIndex, offsetBy: folder.count + 1)
    let end = path[start...].firstIndex(of: "/") ?? path.endIndex
    var info = stat()
    guard stat(String(path[..<end]), &info) == 0, info.st_uid != 0, info.st_uid != geteuid() else { return nil }
    return info.st_uid
  }

  private static func refusal(_ path: String, _ place: String, isFolder: Bool, owner: uid_t? = nil) -> PluginError {
    let what =
      place == path ? "everybody may change this file" : "everybody may change what lies in \(place)"
    let whose = owner.map { ", and user \($0) put this there" } ?? ""
    return PluginError(
      .untrusted, path: path, detail: "not loaded: \(what)\(whose)",
      hint: owner == nil ? "chmod o-w \(place)" : "copy it to a folder of your own")
  }
}
