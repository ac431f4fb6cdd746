/** A metric in an expression, and the matchers of its labels. */
export interface Selector {
  readonly metric: string
  /** The text between the braces; empty without braces. */
  readonly matchers: string
  readonly labels: readonly string[]
}

/**
 * The selectors of a PromQL expression: names with an underscore that are neither a function nor a label in a `by`.
 */
export function selectorsIn(expression: string): Selector[] {
  const found = expression.replaceAll(grouping, '').matchAll(/\b([a-z]\w*_\w*)(?![\w(])(?:\{([^}]*)\})?/g)
  return [...found].map(([, metric = '', matchers = '']) => ({
    metric,
    matchers,
    labels: [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
  }))
}

/** The labels by which an expression groups. */
export function labelsGroupedBy(expression: string): string[] {
  return [...expression.matchAll(grouping)].flatMap(([, labels = '']) => labels.split(/\s*,\s*/))
}

const grouping = /\bby \(([^)]*)\)/g
