import { useEffect, useState } from 'preact/hooks'

/** The screen and the id that it shows: `#/payments/<id>` is `['payments', '<id>']`. */
export type Route = readonly string[]

export function useRoute(): Route {
  const [route, set] = useState(() => routeOf(location.hash))
  useEffect(() => {
    const onChange = (): void => set(routeOf(location.hash))
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return route
}

/** Parses a hash. One that cannot be decoded is returned as it is, which names no screen. */
export function routeOf(hash: string): Route {
  const [path = ''] = hash.replace(/^#\/?/, '').split('?')
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  } catch {
    // A percent sign that does not begin a character.
    return [hash]
  }
}

export function go(...route: readonly string[]): void {
  location.hash = `/${route.map(encodeURIComponent).join('/')}`
}
