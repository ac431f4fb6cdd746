import { useCallback, useEffect, useRef } from 'preact/hooks'

/** Does something a while after it was first asked to, and once, however often it is asked until then. */
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
