import ArgumentParser
import SwiftCSV
