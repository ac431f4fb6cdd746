/** A metric that an expression asks for, and what it asks of the labels. */
export interface Selector {
  readonly metric: string
  /** What stands between the braces; empty without any. */
  readonly matchers: string
  readonly labels: readonly string[]
}

/** The selectors of a PromQL expression: names with an underscore that are no function's, and no label's of a `by`. */
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
