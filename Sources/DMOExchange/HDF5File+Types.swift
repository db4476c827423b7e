import CHDF5

extension HDF5File {
  enum Scalar { case float32, float64, uint16, int32, uint32 }

  func type(_ scalar: Scalar) throws -> HDF5Handle {
    let id =
      switch scalar {
      case .float32: api.H5T_IEEE_F32LE_g
      case .float64: api.H5T_IEEE_F64LE_g
      case .uint16: api.H5T_STD_U16LE_g
      case .int32: api.H5T_STD_I32LE_g
      case .uint32: api.H5T_STD_U32LE_g
      }
    return try handle(api.H5Tcopy(id), "copy a type", api.H5Tclose)
  }

  /// How h5py writes truth: one byte that is FALSE or TRUE.
  func boolean() throws -> HDF5Handle {
    let base = try handle(api.H5Tcopy(api.H5T_STD_I8LE_g), "copy a type", api.H5Tclose)
    let type = try handle(api.H5Tenum_create(base.id), "make an enumeration", api.H5Tclose)
    for (name, number) in [("FALSE", Int8(0)), ("TRUE", 1)] {
      var value = number
      try check(api.H5Tenum_insert(type.id, name, &value), "add \(name) to an enumeration")
    }
    return type
  }

  /// Names numbered from 0, two bytes each.
  func enumeration(_ names: [String]) throws -> HDF5Handle {
    let base = try type(.uint16)
    let type = try handle(api.H5Tenum_create(base.id), "make an enumeration", api.H5Tclose)
    for (k, name) in names.enumerated() {
      var value = UInt16(truncatingIfNeeded: k).littleEndian
      try check(api.H5Tenum_insert(type.id, name, &value), "add \(name) to an enumeration")
    }
    return type
  }

  /// A text of so many bytes, filled up with zeros, `count` times.
  func texts(bytes: Int, count: Int) throws -> HDF5Handle {
    let text = try handle(api.H5Tcopy(api.H5T_C_S1_g), "copy a type", api.H5Tclose)
    try check(api.H5Tset_size(text.id, bytes), "size a text")
    try check(api.H5Tset_strpad(text.id, Int32(H5_NULL_PADDED)), "pad a text")
    var length = h5_size(count)
    return try handle(api.H5Tarray_create2(text.id, 1, &length), "make an array of texts", api.H5Tclose)
  }

  /// A record of members one after the other, without gaps.
  func record(_ members: [(name: String, type: HDF5Handle)]) throws -> HDF5Handle {
    let sizes = members.map { api.H5Tget_size($0.type.id) }
    let record = try handle(api.H5Tcreate(Int32(H5_COMPOUND), sizes.reduce(0, +)), "make a record", api.H5Tclose)
    var offset = 0
    for (member, size) in zip(members, sizes) {
      try check(api.H5Tinsert(record.id, member.name, offset, member.type.id), "add \(member.name) to a record")
      offset += size
    }
    return record
  }

  /// A record of doubles in memory, which HDF5 converts from and to a file's records by name.
  func doubles(_ names: [String]) throws -> HDF5Handle {
    try record(names.map { ($0, try handle(api.H5Tcopy(api.H5T_NATIVE_DOUBLE_g), "copy a type", api.H5Tclose)) })
  }

  /// The names of a record's or an enumeration's members, in their order.
  func members(of type: HDF5Handle) -> [String] {
    (0..<max(0, api.H5Tget_nmembers(type.id))).compactMap { k in
      guard let name = api.H5Tget_member_name(type.id, UInt32(k)) else { return nil }
      defer { _ = api.H5free_memory(name) }
      return String(cString: name)
    }
  }

  func rowType(of table: HDF5Handle) throws -> HDF5Handle {
    try handle(api.H5Dget_type(table.id), "tell a table's type", api.H5Tclose)
  }

  /// The members of an enumeration by their number.
  func names(ofEnumeration type: HDF5Handle) throws -> [Int: String] {
    guard api.H5Tget_class(type.id) == Int32(H5_ENUM) else { return [:] }
    var result: [Int: String] = [:]
    let names = members(of: type)
    for (k, name) in names.enumerated() {
      var bytes = [UInt8](repeating: 0, count: max(8, api.H5Tget_size(type.id)))
      try check(api.H5Tget_member_value(type.id, UInt32(k), &bytes), "read an enumeration")
      result[Int(bytes[0]) | Int(bytes[1]) << 8] = name
    }
    return result
  }
}
