import { useCallback, useEffect, useRef } from 'preact/hooks'

/** Returns a function that runs the action `afterMs` after its first call, once for all calls until then. */
export function useSoon(action: () => void, afterMs: number): () => void {
  const latest = useRef(action)
  latest.current = action
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      latest.current()
    }, afterMs)
  }, [afterMs])
}
