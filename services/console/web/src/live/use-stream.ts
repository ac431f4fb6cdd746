import { useEffect, useRef } from 'preact/hooks'
import { openStream, type StreamOptions } from './stream.ts'

/**
 * Follows the stream while a screen is open, once `ready`: the data that is read first has the position to start from.
 */
export function useStream(options: StreamOptions, ready = true): void {
  const latest = useRef(options)
  latest.current = options
  const { payment, concert } = options
  useEffect(() => {
    if (!ready) return
    const { after } = latest.current
    return openStream({
      ...(payment === undefined ? {} : { payment }),
      ...(concert === undefined ? {} : { concert }),
      ...(after === undefined ? {} : { after }),
      onEvents: (events) => latest.current.onEvents?.(events),
      onOverview: (overview) => latest.current.onOverview?.(overview),
      onReset: () => latest.current.onReset?.(),
    })
  }, [payment, concert, ready])
}
