import Foundation
import Testing

@testable import DMOStudy

@Suite struct CSVReaderTests {
  let folder = TemporaryFolder()

  private func read(_ text: String) throws -> [[String]] { try read(Data(text.utf8)) }
  private func read(_ data: Data) throws -> [[String]] {
    let path = folder.file("\(UUID().uuidString).csv")
    try data.write(to: URL(fileURLWithPath: path))
    let reader = try CSVReader(path: path)
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  @Test("quotes, doubled quotes, commas and line breaks within, CRLF, a byte order mark and a missing last line end")
  func rfc4180() throws {
    #expect(try read("\u{FEFF}a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n,\n1,2") == [
      ["a", "b"], ["x, \"y\"", "two\nlines"], ["", ""], ["1", "2"],
    ])
    #expect(try read("") == [])
    #expect(try read("\n\n") == [[""], [""]])
    #expect(try read("é,µ\n") == [["é", "µ"]])
  }

  @Test("what the writer wrote is read back, across the reader's blocks")
  func roundTrip() throws {
    var rows: [[String]] = []
    for k in 0..<3000 {
      rows.append(["\(k)", String(repeating: "q\"", count: k % 40), k % 7 == 0 ? "a,b" : "c\nd", "\(Double(k) / 3)"])
    }
    #expect(try read(rows.map { CSV.line($0) + "\n" }.joined()) == rows)
  }

  @Test("a quote that is never closed and text that is not UTF-8 name their line")
  func bad() throws {
    #expect { try read("a\n\"b\nc\n") } throws: { ($0 as? StudyError)?.detail.hasPrefix("line 2") == true }
    #expect { try read(Data([0x61, 0x0A, 0xFF, 0x0A])) } throws: { ($0 as? StudyError)?.detail.hasPrefix("line 2") == true }
    #expect(throws: StudyError.self) { _ = try CSVReader(path: folder.file("nowhere.csv")) }
  }

  @Test("records know the line they begin on")
  func lines() throws {
    let path = folder.file("lines.csv")
    try Data("a\n\"b\nb\"\nc\n".utf8).write(to: URL(fileURLWithPath: path))
    let reader = try CSVReader(path: path)
    var lines: [Int] = []
    while try reader.next() != nil { lines.append(reader.line) }
    #expect(lines == [1, 2, 4])
  }
}
