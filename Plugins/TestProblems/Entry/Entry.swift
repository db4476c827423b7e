import DMOPluginKit
import TestProblemSuite

/// The plugin's entry point; a module of its own, so that tests can link the problems beside another plugin's entry
/// point.
@c(dmo_plugin_v1)
public func entry(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { Catalogue.plugin.export(host) }
