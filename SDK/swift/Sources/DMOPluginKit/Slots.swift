internal import CDMOPluginSlots
import Synchronization

/// Which problem each pair of C functions belongs to; see dmo_slots.h.
enum Slots {
  private static let problems = Mutex<[Problem]>([])

  /// A slot for each of the problems, for ever.
  static func claim(_ new: [Problem]) -> [dmo_slot] {
    let first = problems.withLock { problems in
      defer { problems.append(contentsOf: new) }
      return problems.count
    }
    precondition(first + new.count <= DMO_SLOT_COUNT, "a plugin holds at most \(DMO_SLOT_COUNT) problems")
    let slots = dmo_slots(create, extensionOf)
    return new.indices.compactMap { slots?[first + $0] }
  }

  private static func problem(_ slot: UInt32) -> Problem { problems.withLock { $0[Int(slot)] } }

  private static let create: dmo_slot_create_fn = { slot, host, texts, instance, error in
    guard let instance else { return Status.badInput }
    switch Slots.problem(slot).create(host, texts, error?.pointee) {
    case .success(let made):
      instance.pointee = made.retained()
      return Status.ok
    case .failure(let failure): return failure.status
    }
  }

  private static let extensionOf: dmo_slot_extension_fn = { slot, id in
    guard let id else { return nil }
    return Slots.problem(slot).extensions(String(cString: id))
  }
}
