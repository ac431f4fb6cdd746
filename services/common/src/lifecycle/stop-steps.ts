/** The steps of an orderly stop. */
export interface StopSteps {
  /** The step that is running; undefined between steps. */
  readonly current: string | undefined
  add(name: string, stop: () => unknown): void
  /**
   * Runs all added steps, the last first, including steps that are added while it runs. A step that fails does not
   * prevent the others.
   *
   * @returns the number of failed steps
   */
  run(onFailure: (step: string, error: unknown) => void): Promise<number>
}

export function createStopSteps(): StopSteps {
  const steps: { readonly name: string; readonly stop: () => unknown }[] = []
  let current: string | undefined
  return {
    get current() {
      return current
    },
    add(name, stop) {
      steps.push({ name, stop })
    },
    async run(onFailure) {
      let failures = 0
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        current = step.name
        try {
          await step.stop()
        } catch (error) {
          failures += 1
          onFailure(step.name, error)
        }
      }
      current = undefined
      return failures
    },
  }
}
