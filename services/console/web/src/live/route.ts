import { useEffect, useState } from 'preact/hooks'

/** The screen and what it shows of: `#/payments/<id>` is `['payments', '<id>']`. */
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

/** What a hash names. One that cannot be read stands for itself, which is no screen. */
export function routeOf(hash: string): Route {
  const [path = ''] = hash.replace(/^#\/?/, '').split('?')
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  } catch {
    // A percent sign that begins no character.
    return [hash]
  }
}

export function go(...route: readonly string[]): void {
  location.hash = `/${route.map(encodeURIComponent).join('/')}`
}
