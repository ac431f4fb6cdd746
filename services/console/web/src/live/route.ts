import { useEffect, useState } from 'preact/hooks'

/** The screen and what it shows of: `#/payments/<id>` is `['payments', '<id>']`. */
export type Route = readonly string[]

export function useRoute(): Route {
  const [route, set] = useState(currentRoute)
  useEffect(() => {
    const onChange = (): void => set(currentRoute())
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return route
}

function currentRoute(): Route {
  const [path = ''] = location.hash.replace(/^#\/?/, '').split('?')
  return path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
}

export function go(...route: readonly string[]): void {
  location.hash = `/${route.map(encodeURIComponent).join('/')}`
}
