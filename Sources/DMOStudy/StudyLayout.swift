import DMOCore

/// How x and y are laid out in the table `evaluations`.
///
/// Numbers stand in REAL columns named as the user knows them, as long as there are at most 500; larger groups are
/// little-endian BLOBs. Identifiers start with a letter, so the study's own columns start with an underscore.
struct StudyLayout {
  static let columnLimit = 500

  enum Storage: Equatable {
    case columns
    case float64(column: String)
    case float32(column: String)
    case none
  }
  struct Group: Equatable {
    var storage: Storage
    /// Positions in x or y.
    var indices: [Int]
    var labels: [String]

    /// The SQL columns that hold this group.
    var columns: [String] {
      switch storage {
      case .columns: labels
      case .float64(let c), .float32(let c): [c]
      case .none: []
      }
    }
  }
  let parameters: Group
  /// Outputs that are single numbers: always kept in full.
  let scalars: Group
  /// Blocks, all of them observed.
  let blocks: Group

  init(_ spec: ProblemSpec, storeObserved: ObservedStorage) {
    let labels = spec.outputs.labels
    var scalarIndices: [Int] = []
    var blockIndices: [Int] = []
    for (k, o) in spec.outputs.outputs.enumerated() {
      let positions = spec.outputs.offsets[k]..<spec.outputs.offsets[k] + o.width
      if o.count == 0 { scalarIndices += positions } else { blockIndices += positions }
    }
    var room = Self.columnLimit
    func place(_ indices: [Int], _ labels: [String], blob: String) -> Group {
      let fits = indices.count <= room
      if fits { room -= indices.count }
      return Group(storage: fits ? .columns : .float64(column: blob), indices: indices, labels: labels)
    }
    scalars = place(scalarIndices, scalarIndices.map { labels[$0] }, blob: "_scalars")
    parameters = place(Array(0..<spec.space.dimension), spec.space.labels, blob: "_x")
    let blockLabels = blockIndices.map { labels[$0] }
    switch storeObserved {
    case .full: blocks = place(blockIndices, blockLabels, blob: "_observed")
    case .float32 where !blockIndices.isEmpty:
      blocks = Group(storage: .float32(column: "_observed"), indices: blockIndices, labels: blockLabels)
    default: blocks = Group(storage: .none, indices: blockIndices, labels: blockLabels)
    }
  }

  /// The SQL column definitions for the values.
  var definitions: [String] {
    [parameters, scalars, blocks].flatMap { group -> [String] in
      group.columns.map { "\(Self.quoted($0)) \(group.storage == .columns ? "REAL" : "BLOB")" }
    }
  }

  /// How many bytes an answer adds to a row, about: its outputs, three times or costs, and some words.
  var answerBytes: Int {
    [scalars, blocks].reduce(26) { sum, group in
      switch group.storage {
      case .columns, .float64: sum + 8 * group.indices.count
      case .float32: sum + 4 * group.indices.count
      case .none: sum
      }
    }
  }

  static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
}
