import KernelInstructions
import Testing

/// One kind of instruction with operands of given sizes.
struct InstructionCase: CustomTestStringConvertible, Sendable {
  let name: String
  let write: @Sendable (inout Script, Sizes, inout Numbers) -> Void
  var testDescription: String { name }

  init(
    _ name: String, _ write: @escaping @Sendable (inout Script, Sizes, inout Numbers) -> Void
  ) {
    self.name = name
    self.write = write
  }

  static let all =
    simple + activations + derivatives + combinations + rowwise + normalizations + losses + updates

  private static let destinations: [Destination] = [.replace, .add]

  static let activations: [InstructionCase] = functions.map { activation in
    InstructionCase("activate \(activation)") { script, sizes, numbers in
      let input = script.draw(sizes.rows, sizes.columns, &numbers)
      let result = script.draw(sizes.rows, sizes.columns, &numbers)
      script.append(.activate(activation, input, into: result))
      script.append(.activate(activation, input, into: input))
    }
  }

  static let derivatives: [InstructionCase] = functions.map { activation in
    InstructionCase("differentiate \(activation)") { script, sizes, numbers in
      let source = script.draw(sizes.rows, sizes.columns, &numbers)
      let gradient = script.draw(sizes.rows, sizes.columns, &numbers)
      let result = script.draw(sizes.rows, sizes.columns, &numbers)
      for destination in destinations {
        script.append(
          .differentiate(
            Derivative(
              activation, source: source, outputGradient: gradient, inputGradient: result,
              destination)))
      }
      script.append(
        .differentiate(
          Derivative(
            activation, source: source, outputGradient: gradient, inputGradient: gradient,
            .replace)))
    }
  }

  /// Every activation, with each sign of its option.
  static let functions: [Activation] = [
    .identity, .relu, .leakyReLU(slope: 0.01), .leakyReLU(slope: -0.3), .elu(alpha: 1),
    .elu(alpha: 0), .elu(alpha: -0.7), .gelu, .geluTanh, .sigmoid, .silu,
    .softplus(beta: 1, threshold: 20), .softplus(beta: 2.5, threshold: 1), .tanh,
  ]

  static let combinations: [InstructionCase] = [Combination.add, .subtract, .multiply]
    .flatMap { combination in
      destinations.map { destination in
        InstructionCase("\(combination), \(destination)") { script, sizes, numbers in
          let first = script.draw(sizes.rows, sizes.columns, &numbers)
          let second = script.draw(sizes.rows, sizes.columns, &numbers)
          let result = script.draw(sizes.rows, sizes.columns, &numbers)
          script.append(.combine(combination, first, second, into: result, destination))
          script.append(.combine(combination, first, second, into: first, destination))
        }
      }
    }

  static let simple: [InstructionCase] =
    [
      InstructionCase("fill") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        script.append(.fill(matrix, with: -0.75))
      },
      InstructionCase("transpose") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        let result = script.draw(sizes.columns, sizes.rows, &numbers)
        script.append(.transpose(matrix, into: result))
      },
    ]
    + destinations.flatMap { destination in
      [
        InstructionCase("column sums, \(destination)") { script, sizes, numbers in
          let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
          let result = script.draw(1, sizes.columns, &numbers)
          script.append(.columnSums(matrix, into: result, .store(destination)))
        },
        InstructionCase("scale, \(destination)") { script, sizes, numbers in
          let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
          let result = script.draw(sizes.rows, sizes.columns, &numbers)
          script.append(.scale(matrix, by: -0.3, into: result, destination))
          script.append(.scale(matrix, by: 1, into: matrix, destination))
        },
        InstructionCase("copy columns, \(destination)") { script, sizes, numbers in
          let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
          let result = script.draw(sizes.rows, sizes.inner, &numbers)
          let count = numbers.int(1...min(sizes.columns, sizes.inner))
          script.append(
            .copyColumns(
              ColumnCopy(
                matrix, column: sizes.columns - count, columns: count, into: result,
                resultColumn: numbers.int(0...(sizes.inner - count)), destination)))
        },
      ]
    }

  static let rowwise: [InstructionCase] =
    [
      InstructionCase("softmax") { script, sizes, numbers in
        let input = script.draw(sizes.rows, sizes.columns, &numbers)
        let result = script.draw(sizes.rows, sizes.columns, &numbers)
        script.append(.softmax(input, into: result))
        script.append(.softmax(input, into: input))
      }
    ]
    + destinations.flatMap { destination in
      [
        InstructionCase("softmax gradient, \(destination)") { script, sizes, numbers in
          let output = script.draw(sizes.rows, sizes.columns, &numbers)
          let gradient = script.draw(sizes.rows, sizes.columns, &numbers)
          let result = script.draw(sizes.rows, sizes.columns, &numbers)
          script.append(
            .softmaxGradient(
              output: output, outputGradient: gradient, into: result, destination))
          script.append(
            .softmaxGradient(
              output: output, outputGradient: gradient, into: gradient, destination))
        },
        InstructionCase("dropout, \(destination)") { script, sizes, numbers in
          let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
          let result = script.draw(sizes.rows, sizes.columns, &numbers)
          let state = script.matrix(
            1, 4, [0x0123_4567, 0x89AB_CDEF, 7, 0].map { Float(bitPattern: $0) })
          for rate in [0, 0.3, 0.99] as [Float] {
            script.append(
              .dropout(
                DropoutInstruction(
                  matrix, into: result, destination, rate: rate, stream: 5, state: state)))
          }
          script.append(
            .dropout(
              DropoutInstruction(
                matrix, into: matrix, destination, rate: 0.5, stream: 6, state: state)))
        },
      ]
    }
}

extension Script {
  /// A matrix of drawn numbers.
  mutating func draw(_ rows: Int, _ columns: Int, _ numbers: inout Numbers) -> Matrix {
    matrix(rows, columns, numbers(rows * columns))
  }
}
