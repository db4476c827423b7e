import CHDF5

/// The few things that a table file needs of HDF5: groups, types with names, growing tables of records.
///
/// Names are paths from the root, separated by slashes.
final class HDF5File {
  let library: HDF5Library
  let path: String
  private let file: HDF5Handle
  var api: chdf5_api { library.api }

  /// Makes a new file in the place of an old one. - Throws: `ExchangeError`.
  init(creating path: String, _ library: HDF5Library) throws {
    (self.library, self.path) = (library, path)
    let id = library.api.H5Fcreate(path, UInt32(H5_TRUNCATE), 0, 0)
    guard id >= 0 else {
      throw ExchangeError(
        .unreadable, path: path, detail: "cannot be written as an HDF5 file",
        hint: "choose another file with --output, in a folder you may write to")
    }
    file = HDF5Handle(id, library.api.H5Fclose)
  }

  /// Opens a file for reading. - Throws: `ExchangeError`.
  init(opening path: String, _ library: HDF5Library) throws {
    (self.library, self.path) = (library, path)
    let id = library.api.H5Fopen(path, UInt32(H5_READ_ONLY), 0)
    guard id >= 0 else {
      throw ExchangeError(
        .unreadable, path: path, detail: "is no HDF5 file that can be read",
        hint: "check the name, and `h5dump -n \(path)`")
    }
    file = HDF5Handle(id, library.api.H5Fclose)
  }

  /// An id that HDF5 gave, as a handle. - Throws: `ExchangeError` naming the step when HDF5 refused.
  func handle(_ id: h5_id, _ what: String, _ close: @escaping (h5_id) -> Int32) throws -> HDF5Handle {
    guard id >= 0 else { throw broken(what) }
    return HDF5Handle(id, close)
  }

  func check(_ status: Int32, _ what: String) throws { if status < 0 { throw broken(what) } }

  private func broken(_ what: String) -> ExchangeError {
    ExchangeError(
      .badFormat, path: path, detail: "HDF5 cannot \(what)",
      hint: "check the disk's free space, or whether the file is whole: `h5dump -n \(path)`")
  }

  func makeGroup(_ name: String) throws {
    _ = try handle(api.H5Gcreate2(file.id, name, 0, 0, 0), "make the group \(name)", api.H5Oclose)
  }

  /// The object of a name; nil when there is none.
  func object(_ name: String) throws -> HDF5Handle? {
    // Each step of the path must exist before the next is asked for.
    var prefix = ""
    for part in name.split(separator: "/") {
      prefix += (prefix.isEmpty ? "" : "/") + part
      guard api.H5Lexists(file.id, prefix, 0) > 0 else { return nil }
    }
    return try handle(api.H5Oopen(file.id, name, 0), "open \(name)", api.H5Oclose)
  }

  /// The names in a group, in alphabetical order; empty when there is no such group.
  func names(in group: String) throws -> [String] {
    if group != "/", try object(group) == nil { return [] }
    var names: [String] = []
    var buffer = [CChar](repeating: 0, count: 1024)
    while true {
      let length = api.H5Lget_name_by_idx(
        file.id, group, Int32(H5_BY_NAME), Int32(H5_INCREASING), h5_size(names.count), &buffer, buffer.count, 0)
      guard length >= 0 else { return names }
      names.append(
        String(decoding: buffer.prefix(min(length, buffer.count - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
  }

  /// Gives a type a name in the file.
  func commit(_ type: HDF5Handle, _ name: String) throws {
    try check(api.H5Tcommit2(file.id, name, type.id, 0, 0, 0), "name the type \(name)")
  }

  /// Makes a table of records.
  /// - Parameters:
  ///   - chunk: records that lie together; nil: all in one piece, which cannot grow.
  ///   - limit: the most records; nil: any number.
  func makeTable(_ name: String, _ type: HDF5Handle, count: Int, limit: Int?, chunk: Int?) throws -> HDF5Handle {
    var properties: HDF5Handle?
    if let chunk {
      let list = try handle(
        api.H5Pcreate(api.H5P_CLS_DATASET_CREATE_ID_g), "make properties", api.H5Pclose)
      var size = h5_size(chunk)
      try check(api.H5Pset_chunk(list.id, 1, &size), "set the chunk of \(name)")
      properties = list
    }
    // A table with a limit is made empty and grown to it: HDF5 refuses chunks beyond a table that cannot grow.
    var size = h5_size(chunk == nil ? count : 0)
    var most = limit.map { h5_size($0) } ?? h5_size.max
    let space = try handle(api.H5Screate_simple(1, &size, &most), "shape \(name)", api.H5Sclose)
    let table = try handle(
      api.H5Dcreate2(file.id, name, type.id, space.id, 0, properties?.id ?? 0, 0), "make the table \(name)",
      api.H5Oclose)
    if chunk != nil && count > 0 { try resize(table, to: count) }
    return table
  }

  func resize(_ table: HDF5Handle, to count: Int) throws {
    var size = h5_size(count)
    try check(api.H5Dset_extent(table.id, &size), "make a table longer")
  }

  /// Writes records `start ..< start + count`, laid out in memory as `type` says.
  func write(
    _ bytes: UnsafeRawPointer, count: Int, at start: Int, of table: HDF5Handle, as type: HDF5Handle
  ) throws {
    try transfer(count, start, table) { memory, place in
      try check(api.H5Dwrite(table.id, type.id, memory, place, 0, bytes), "write records")
    }
  }

  /// Reads records, converted to how `type` lays them out in memory.
  func read(
    _ bytes: UnsafeMutableRawPointer, count: Int, at start: Int, of table: HDF5Handle, as type: HDF5Handle
  ) throws {
    try transfer(count, start, table) { memory, place in
      try check(api.H5Dread(table.id, type.id, memory, place, 0, bytes), "read records")
    }
  }

  private func transfer(
    _ count: Int, _ start: Int, _ table: HDF5Handle, _ body: (h5_id, h5_id) throws -> Void
  ) throws {
    guard count > 0 else { return }
    var (length, first) = (h5_size(count), h5_size(start))
    let place = try handle(api.H5Dget_space(table.id), "tell a table's shape", api.H5Sclose)
    try check(
      api.H5Sselect_hyperslab(place.id, Int32(H5_SELECT_SET), &first, nil, &length, nil), "choose records")
    let memory = try handle(api.H5Screate_simple(1, &length, nil), "shape records", api.H5Sclose)
    try body(memory.id, place.id)
  }

  /// How many records a table has; nil when the object is no table.
  func count(_ table: HDF5Handle) throws -> Int? {
    guard api.H5Iget_type(table.id) == Int32(H5_DATASET) else { return nil }
    let space = try handle(api.H5Dget_space(table.id), "tell a table's shape", api.H5Sclose)
    return Int(api.H5Sget_simple_extent_npoints(space.id))
  }
}
