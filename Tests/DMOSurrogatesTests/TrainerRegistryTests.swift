import DMOCore
import Testing

@testable import DMOSurrogates

@Suite("Trainer registry")
struct TrainerRegistryTests {
  private func message(_ id: String, _ options: [String]) -> String {
    do {
      _ = try TrainerRegistry.make(id: id, options: options, setup: TrainerSetup(seed: Seed(1)))
      return "no error"
    } catch let error as SurrogateError {
      return error.code == .badOption ? error.message : "another code: \(error.code.rawValue)"
    } catch {
      return "another error: \(error)"
    }
  }

  @Test("every trainer is listed with a summary and can be made with its defaults spelt out")
  func listed() throws {
    #expect(TrainerRegistry.all.map(\.id) == ["mae", "mse", "gradpie", "gradpie+mae", "ensemble", "gp", "exact"])
    for trainer in TrainerRegistry.all {
      #expect(!trainer.summary.isEmpty && trainer.options.allSatisfy { !$0.help.isEmpty })
      let texts = trainer.options.map { "\($0.key)=\($0.defaultText)" }
      // The exact gradient is refused where there is none.
      #expect(message(trainer.id, texts) == (trainer.id == "exact" ? "another code: no-gradient" : "no error"))
    }
  }

  @Test("options reach the network")
  func applied() throws {
    let trainer = try TrainerRegistry.make(
      id: "gradpie",
      options: ["hidden=10-7", "layernorm=true", "epochs=3", "cold_epochs=4", "lr=0.01", "k=2"],
      setup: TrainerSetup(seed: Seed(1)))
    let settings = try #require(trainer as? MLPTrainer).settings
    #expect(settings.hidden == [10, 7] && settings.layerNorm == true && settings.epochs == 3)
    #expect(settings.coldEpochs == 4 && settings.learningRate == 0.01 && settings.ks == [2])
    let shape = settings.shape(inputs: 3, outputs: 2)
    #expect(shape.hidden == [10, 7] && shape.layerNorm && shape.inputs == 3 && shape.outputs == 2)
  }

  @Test("the standard network follows the size of the problem")
  func standard() {
    #expect(MLPShape.standard(inputs: 10, outputs: 7) == .cnon(inputs: 10, outputs: 7))
    #expect(MLPShape.standard(inputs: 20, outputs: 40) == .cnon(inputs: 20, outputs: 40))
    #expect(MLPShape.standard(inputs: 64, outputs: 1) == .cnon(inputs: 64, outputs: 1))
    #expect(MLPShape.standard(inputs: 3600, outputs: 1) == .owms(inputs: 3600, outputs: 1))
  }

  @Test("bad names and values are refused, naming what is valid")
  func refused() {
    #expect(message("mse2", []) == "there is no trainer 'mse2'; choose one of: mae, mse, gradpie, gradpie+mae, ensemble, gp, exact")
    #expect(message("mae", ["k=3"]).contains("no option 'k'; it has: hidden, layernorm, mode, epochs, cold_epochs, lr"))
    #expect(message("mae", ["epochs"]).contains("write it as key=value"))
    #expect(message("mae", ["lr=1e-3", "lr=1e-2"]).contains("given twice"))
    for bad in [
      "hidden=", "hidden=100-", "hidden=0", "hidden=a", "layernorm=yes", "epochs=-1", "epochs=1.5", "lr=0", "lr=nan",
      "lr=2", "k=0",
    ] {
      #expect(message("gradpie", [bad]).contains(bad + " is not "), "\(bad)")
    }
  }
}
