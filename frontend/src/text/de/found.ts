export const found = {
  open: 'Über MQTT gefunden',
  title: 'Über MQTT gefunden',
  detail: 'Sensoren, die Home Assistant, Zigbee2MQTT und andere Programme ankündigen. Jeder bekommt die Vorgaben seiner Art.',
  none: 'Noch ist nichts angekündigt. Ist MQTT in den Einstellungen eingeschaltet, und kündigt das Programm seine Geräte an?',
  import_one: '{{count}} Sensor übernehmen',
  import_other: '{{count}} Sensoren übernehmen',
  imported_one: '{{count}} Sensor wurde übernommen.',
  imported_other: '{{count}} Sensoren wurden übernommen.',
  isImported: 'Schon übernommen',
  refusals: {
    no_such_kind: 'Keine Art von Sensor, die die Anlage kennt',
    no_state_topic: 'Er kündigt kein Topic seines Zustands an',
    template: 'Sein Zustand braucht eine Vorlage, die die Anlage nicht lesen kann',
    off_delay: 'Er meldet nie, dass er wieder ruhig ist',
  },
  tells: { battery: 'meldet die Batterie', tamper: 'meldet Sabotage', availability: 'wird überwacht' },
};
