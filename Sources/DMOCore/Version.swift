/// This dmo's version, as studies, plugins and people see it.
public enum Version {
  public static let current = "0.1.0"
}
