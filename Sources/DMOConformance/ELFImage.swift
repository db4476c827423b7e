import Foundation

/// The dynamic symbols of a 64-bit little-endian ELF file, read without loading it. Bounds are checked: the
/// file may hold anything.
struct ELFImage {
  /// Names that others can see.
  private(set) var exports: [String] = []
  /// Names that others must define.
  private(set) var imports: [String] = []
  /// Libraries that the loader must find.
  private(set) var needed: [String] = []
  let machine: UInt16
  let isSharedObject: Bool

  /// Nil when the file is no such ELF file.
  init?(path: String) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return nil }
    let bytes = Bytes(data: data)
    guard data.count >= 64, data.prefix(6) == Data([0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return nil }
    isSharedObject = bytes.u16(16) == 3
    machine = bytes.u16(18) ?? 0
    guard let table = bytes.u64(40), let size = bytes.u16(58), let count = bytes.u16(60), size >= 64 else { return }
    let sections = (0..<Int(count)).map { Section(bytes, table + $0 * Int(size)) }
    for section in sections where sections.indices.contains(section.link) {
      let names = sections[section.link].offset
      if section.kind == 11 { readSymbols(section, names, bytes) }
      if section.kind == 6 { readNeeded(section, names, bytes) }
    }
  }

  private mutating func readSymbols(_ section: Section, _ names: Int, _ bytes: Bytes) {
    for k in 0..<min(section.size / 24, 1 << 20) {
      let at = section.offset + 24 * k
      guard let name = bytes.u32(at), let info = bytes.u8(at + 4), let other = bytes.u8(at + 5),
        let index = bytes.u16(at + 6), let text = bytes.text(names + Int(name)), !text.isEmpty
      else { continue }
      if index == 0 {
        imports.append(text)
      } else if info >> 4 != 0 && other & 3 == 0 {
        exports.append(text)
      }
    }
  }

  private mutating func readNeeded(_ section: Section, _ names: Int, _ bytes: Bytes) {
    for k in 0..<min(section.size / 16, 1 << 12) {
      guard let tag = bytes.u64(section.offset + 16 * k), let value = bytes.u64(section.offset + 16 * k + 8) else {
        return
      }
      if tag == 1, let text = bytes.text(names + value) { needed.append(text) }
    }
  }

  private struct Section {
    let kind: UInt32
    let offset, size, link: Int

    init(_ bytes: Bytes, _ at: Int) {
      kind = bytes.u32(at + 4) ?? 0
      offset = bytes.u64(at + 24) ?? 0
      size = bytes.u64(at + 32) ?? 0
      link = Int(bytes.u32(at + 40) ?? 0)
    }
  }

  /// Little-endian numbers at offsets; nil outside.
  private struct Bytes {
    let data: Data

    func u8(_ at: Int) -> UInt8? { at >= 0 && at < data.count ? data[data.startIndex + at] : nil }
    private func number(_ at: Int, _ count: Int) -> UInt64? {
      guard at >= 0, at <= data.count - count else { return nil }
      return (0..<count).reduce(0) { $0 | UInt64(data[data.startIndex + at + $1]) << (8 * UInt64($1)) }
    }
    func u16(_ at: Int) -> UInt16? { number(at, 2).map { UInt16($0) } }
    func u32(_ at: Int) -> UInt32? { number(at, 4).map { UInt32($0) } }
    /// Nil also when it is no position in any file.
    func u64(_ at: Int) -> Int? { number(at, 8).flatMap { $0 < 1 << 48 ? Int($0) : nil } }
    func text(_ at: Int) -> String? {
      guard at >= 0, at < data.count else { return nil }
      let rest = data[(data.startIndex + at)...].prefix(4096)
      return String(decoding: rest.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
