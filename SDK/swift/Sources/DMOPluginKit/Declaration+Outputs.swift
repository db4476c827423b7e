extension Declaration {
  /// An objective to make small. `scale` is its typical magnitude, 0: unknown.
  public mutating func minimize(
    _ id: String, unit: String? = nil, name: String? = nil, scale: Double = 0
  ) -> OutputKey {
    OutputKey(offset: addOutput(id, unit, name, DMO_MINIMIZE, bound: 0, scale: scale))
  }

  /// An objective to make large.
  public mutating func maximize(
    _ id: String, unit: String? = nil, name: String? = nil, scale: Double = 0
  ) -> OutputKey {
    OutputKey(offset: addOutput(id, unit, name, DMO_MAXIMIZE, bound: 0, scale: scale))
  }

  /// A constraint: feasible where the output is `bound` (in its unit) or less.
  public mutating func atMost(
    _ bound: Double, _ id: String, unit: String? = nil, name: String? = nil, scale: Double = 0
  ) -> OutputKey {
    OutputKey(offset: addOutput(id, unit, name, DMO_AT_MOST, bound: bound, scale: scale))
  }

  /// A constraint: feasible where the output is `bound` (in its unit) or more.
  public mutating func atLeast(
    _ bound: Double, _ id: String, unit: String? = nil, name: String? = nil, scale: Double = 0
  ) -> OutputKey {
    OutputKey(offset: addOutput(id, unit, name, DMO_AT_LEAST, bound: bound, scale: scale))
  }

  /// Something measured that is neither goal nor bound; `mayBeNaN` where it may be undefined at a point that is fine.
  public mutating func observe(
    _ id: String, unit: String? = nil, name: String? = nil, scale: Double = 0, mayBeNaN: Bool = false
  ) -> OutputKey {
    let flags = mayBeNaN ? DMO_MAY_BE_NAN : 0
    return OutputKey(offset: addOutput(id, unit, name, DMO_OBSERVE, bound: 0, scale: scale, flags: flags))
  }

  /// A block of `count` observed outputs; `columns` > 0 says that it is a matrix, row major.
  public mutating func observe(
    _ id: String, count: Int, columns: Int = 0, unit: String? = nil, name: String? = nil, scale: Double = 0,
    mayBeNaN: Bool = false
  ) -> OutputBlockKey {
    precondition(count > 0 && columns >= 0, "block \(id): \(count) numbers in \(columns) columns")
    let flags = mayBeNaN ? DMO_MAY_BE_NAN : 0
    let offset = addOutput(
      id, unit, name, DMO_OBSERVE, bound: 0, scale: scale, flags: flags, count: count, columns: columns)
    return OutputBlockKey(range: offset..<offset + count)
  }

  private mutating func addOutput(
    _ id: String, _ unit: String?, _ name: String?, _ role: Int, bound: Double, scale: Double, flags: Int = 0,
    count: Int = 0, columns: Int = 0
  ) -> Int {
    let offset = outputCount
    outputs.append(
      dmo_output(
        id: arena.text(id), name: arena.text(name), unit: arena.text(unit), role: UInt32(role), count: UInt32(count),
        columns: UInt32(columns), flags: UInt32(flags), bound: bound, scale: scale))
    outputCount += max(1, count)
    return offset
  }

  /// The whole as a C table in this declaration's own memory.
  func spec() -> UnsafePointer<dmo_spec> {
    arena.value(
      dmo_spec(
        struct_size: UInt32(MemoryLayout<dmo_spec>.size), param_size: UInt32(MemoryLayout<dmo_param>.stride),
        output_size: UInt32(MemoryLayout<dmo_output>.stride), param_count: UInt32(parameters.count),
        output_count: UInt32(outputs.count), reserved: 0, params: arena.array(parameters),
        outputs: arena.array(outputs)))
  }
}
