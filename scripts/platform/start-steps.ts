/** Who is told of the steps of a start, and may call it off. */
export interface StepOptions {
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
  /** Told when a step of the start begins, and is called back when it is done. */
  readonly onStep?: (step: string) => (detail: string) => void
}

/** Runs one step of the start: not any more once the start was called off. */
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
