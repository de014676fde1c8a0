import { plain } from './elementwise.ts'
import type { Graph, Tensor } from './graph.ts'

/**
 * The gradients of a scalar `loss` by each of `wanted`, as more nodes of the same graph (reverse mode). Only paths that
 * lead to a wanted tensor are walked, so a graph for the input gradient holds no weight gradients.
 * @throws RangeError when the loss does not depend on one of them
 */
export function grad(graph: Graph, loss: Tensor, wanted: readonly Tensor[]): Tensor[] {
  const order = sortedBack(loss)
  const leads = new Set(wanted.map(tensor => tensor.name))
  for (const tensor of order.toReversed()) {
    if (tensor.inputs.some((input, at) => tensor.rules[at] !== undefined && leads.has(input.name)))
      leads.add(tensor.name)
  }
  const gradients = new Map<string, Tensor>([[loss.name, graph.scalar(1)]])
  for (const tensor of order) {
    const gradient = gradients.get(tensor.name)
    if (gradient === undefined || !leads.has(tensor.name)) continue
    tensor.inputs.forEach((input, at) => {
      const part = leads.has(input.name) ? tensor.rules[at]?.(gradient) : undefined
      if (part === undefined) return
      const before = gradients.get(input.name)
      gradients.set(input.name, before === undefined ? part : plain(graph, 'Add', before, part))
    })
  }
  return wanted.map(tensor => {
    const gradient = gradients.get(tensor.name)
    if (gradient === undefined) throw new RangeError(`the loss does not depend on ${tensor.name}`)
    return gradient
  })
}

/** All tensors that `loss` is made of, each before its inputs. */
function sortedBack(loss: Tensor): Tensor[] {
  const seen = new Set<string>()
  const order: Tensor[] = []
  const stack: { tensor: Tensor; done: boolean }[] = [{ tensor: loss, done: false }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.done) order.push(top.tensor)
    else if (!seen.has(top.tensor.name)) {
      seen.add(top.tensor.name)
      stack.push({ tensor: top.tensor, done: true })
      for (const input of top.tensor.inputs) stack.push({ tensor: input, done: false })
    }
  }
  return order.reverse()
}
