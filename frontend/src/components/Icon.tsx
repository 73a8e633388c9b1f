/** Line icons on a 24 × 24 grid, drawn in the colour of the text around them; words always stand beside them. */

const SHIELD = 'M12 3l7.5 2.8v5.7c0 4.5-3.1 7.9-7.5 9.5-4.4-1.6-7.5-5-7.5-9.5V5.8z';

const paths = {
  disarmed: ['M6 11h12v9.5H6z', 'M8.5 11V7.5a3.6 3.6 0 0 1 7-1.1', 'M12 14.8v2'],
  arming: ['M12 4a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z', 'M12 8v4.8l3 1.9', 'M9.5 1.5h5'],
  armed_home: [SHIELD, 'M8 12.3l4-3.5 4 3.5', 'M9.3 11.3v4.5h5.4v-4.5'],
  armed_away: [SHIELD, 'M8.7 12l2.4 2.4 4.4-4.8'],
  pending: ['M12 3.5l9.5 16.8h-19z', 'M12 9.8v4.7', 'M12 17.3v.1'],
  triggered: [
    'M6.5 16.5v-4.2a5.5 5.5 0 0 1 11 0v4.2',
    'M4.5 16.5h15v4h-15z',
    'M12 1.5v2.2',
    'M3.2 5.3l1.7 1.4',
    'M20.8 5.3l-1.7 1.4',
    'M10 12.5a2 2 0 0 1 2-2',
  ],
  unknown: [
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z',
    'M9.7 9.6a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1.1.9-1.1 1.7',
    'M12 16.4v.1',
  ],
  home: ['M3.5 11.5L12 4l8.5 7.5', 'M6 9.8V20h12V9.8', 'M10 20v-5.5h4V20'],
  away: ['M5 21V3.5h9V8', 'M14 16v5H3', 'M10.5 12H21', 'M17.5 8.5L21 12l-3.5 3.5'],
  offline: [
    'M3.5 9.5a12.5 12.5 0 0 1 4-2.5',
    'M12 6c3.3 0 6.2 1.3 8.5 3.5',
    'M6.7 13a8 8 0 0 1 4-2',
    'M15 11.7c.9.3 1.6.8 2.3 1.4',
    'M9.8 16.3a3.5 3.5 0 0 1 4.4 0',
    'M12 19.5v.1',
    'M4 3l16 18',
  ],
  backspace: ['M9 5.5h12v13H9L3 12z', 'M12.5 9.5l5 5', 'M17.5 9.5l-5 5'],
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {paths[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
