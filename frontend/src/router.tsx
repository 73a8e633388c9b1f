/** The pages and their addresses. Each page is a separate chunk, so that a wall tablet loads the panel only. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, type RouterHistory } from '@tanstack/react-router';
import * as v from 'valibot';
import { AppShell } from './shell/AppShell';
import { Crashed, NotFound } from './ui/Fallbacks';

const root = createRootRoute({ notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyRouteComponent(() => import('./pages/access/LoginPage'), 'LoginPage'),
  // The page to return to. Addresses of other sites are refused.
  validateSearch: v.object({
    back: v.optional(v.fallback(v.pipe(v.string(), v.regex(/^\/(?![/\\])/)), '/')),
  }),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./pages/access/SetupPage'), 'SetupPage'),
});

/** The parent of every page that needs a session. */
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: AppShell });

const panel = createRoute({
  getParentRoute: () => inside,
  path: '/',
  component: lazyRouteComponent(() => import('./panel/PanelPage'), 'PanelPage'),
});

const sensors = createRoute({
  getParentRoute: () => inside,
  path: '/sensors',
  component: lazyRouteComponent(() => import('./pages/sensors/SensorsPage'), 'SensorsPage'),
});

const Day = v.pipe(v.string(), v.isoDate());

const events = createRoute({
  getParentRoute: () => inside,
  path: '/events',
  component: lazyRouteComponent(() => import('./pages/events/EventsPage'), 'EventsPage'),
  // The filters are in the address, so that a filtered list can be bookmarked. Invalid values are ignored.
  validateSearch: v.object({
    kind: v.optional(v.fallback(v.array(v.string()), [])),
    sensor: v.fallback(v.optional(v.number()), undefined),
    person: v.fallback(v.optional(v.number()), undefined),
    since: v.fallback(v.optional(Day), undefined),
    until: v.fallback(v.optional(Day), undefined),
  }),
});

const people = createRoute({
  getParentRoute: () => inside,
  path: '/people',
  component: lazyRouteComponent(() => import('./pages/people/PeoplePage'), 'PeoplePage'),
});

const alerts = createRoute({
  getParentRoute: () => inside,
  path: '/alerts',
  component: lazyRouteComponent(() => import('./pages/alerts/AlertsPage'), 'AlertsPage'),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/SettingsPage'), 'SettingsPage'),
});

const routeTree = root.addChildren([login, setup, inside.addChildren([panel, sensors, events, people, alerts, settings])]);

/** `history`: the browser's by default; tests pass their own. */
export const newRouter = (history?: RouterHistory) =>
  createRouter({
    routeTree,
    history,
    defaultErrorComponent: Crashed,
    // Loads a page's code on hover, touch or focus of its link.
    defaultPreload: 'intent',
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
