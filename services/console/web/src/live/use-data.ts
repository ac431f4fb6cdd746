import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { get, textOf } from './api.ts'
import { type Asking, ask } from './ask.ts'

/** The data of a screen: nothing yet, the answer, or the reason why there is none. */
export interface Data<Answer> {
  readonly data: Answer | undefined
  readonly error: string | undefined
  /** Asks again; the present data stays until the answer is there. */
  reload(): void
  /** Changes the data by events of the stream. */
  change(change: (data: Answer) => Answer): void
}

/** Reads the data of a screen from the API; with an interval, again and again while the screen is open. */
export function useData<Answer>(path: string, everyMs?: number): Data<Answer> {
  const [state, set] = useState<{ path: string; data?: Answer; error?: string }>({ path })
  const asking = useRef<Asking>(undefined)
  useEffect(() => {
    const current = ask<Answer>({
      get: (signal) => get(path, signal),
      onAnswer: (data) => set({ path, data }),
      // The previous answer is better than nothing.
      onError: (error) =>
        set((before) => ({ ...(before.path === path ? before : { path }), error: textOf(error) })),
    })
    asking.current = current
    return () => current.stop()
  }, [path])
  useEffect(() => {
    if (everyMs === undefined) return
    const timer = setInterval(() => asking.current?.tick(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  const reload = useCallback(() => asking.current?.again(), [])
  const change = useCallback(
    (apply: (data: Answer) => Answer) =>
      set((before) => (before.data === undefined ? before : { ...before, data: apply(before.data) })),
    [],
  )
  const isCurrent = state.path === path
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    reload,
    change,
  }
}
