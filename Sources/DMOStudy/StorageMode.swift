import CDMOHost

/// How a study's file is kept whole while it is written.
public enum StorageMode: String, Codable, Sendable {
  /// A write-ahead log: readers never wait. Needs memory shared between processes, which network file systems lack.
  case wal
  /// A rollback journal: works on every file system that locks; readers and the writer wait for each other.
  case rollback

  /// What the file system of a path bears. The numbers are those of statfs(2).
  public static func suitable(for path: String) -> StorageMode {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    return suitable(fileSystem: dmo_file_system(folder))
  }

  static func suitable(fileSystem number: UInt32) -> StorageMode { networks[number] == nil ? .wal : .rollback }

  /// File systems that other machines may write to at the same time.
  private static let networks: [UInt32: String] = [
    0x6969: "nfs", 0x517B: "smb", 0xFE53_4D42: "smb2", 0xFF53_4D42: "cifs", 0x0102_1997: "9p", 0x0BD0_0BD0: "lustre",
    0x4750_4653: "gpfs", 0x00C3_6400: "ceph", 0x5346_414F: "afs", 0x6B41_4653: "afs", 0x7375_7245: "coda",
    0x6573_5546: "fuse", 0x1980_0202: "beegfs", 0x0116_1970: "gfs2", 0x7461_636F: "ocfs2",
  ]
}
