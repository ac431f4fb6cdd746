/** The options with which a caller follows the steps of a start, and can abort it. */
export interface StepOptions {
  /** Aborts a start that is in progress. */
  readonly signal?: AbortSignal
  /** Called when a step of the start begins; the returned function is called when it is done. */
  readonly onStep?: (step: string) => (detail: string) => void
}

/** Returns a function that runs one step of the start, unless the start was aborted. */
export function stepsOf(options: StepOptions) {
  return async <Value>(
    name: string,
    run: () => Promise<{ value: Value; detail: string }>,
  ): Promise<Value> => {
    options.signal?.throwIfAborted()
    const done = options.onStep?.(name)
    const { value, detail } = await run()
    options.signal?.throwIfAborted()
    done?.(detail)
    return value
  }
}
