/** Sensors that other programs announce over MQTT. */
export const found = {
  open: 'Found on MQTT',
  title: 'Found on MQTT',
  detail: 'Sensors that Home Assistant, Zigbee2MQTT and other programs announce. Each gets the defaults of its kind.',
  none: 'Nothing has been announced yet. Is MQTT switched on in the settings, and does the program announce its devices?',
  import_one: 'Import {{count}} sensor',
  import_other: 'Import {{count}} sensors',
  imported_one: '{{count}} sensor was imported.',
  imported_other: '{{count}} sensors were imported.',
  isImported: 'Imported already',
  refusals: {
    no_such_kind: 'Not a kind of sensor that the alarm knows',
    no_state_topic: 'It announces no topic of its state',
    template: 'Its state needs a template that the alarm cannot read',
    off_delay: 'It never says that it is quiet again',
  },
  tells: { battery: 'tells its battery', tamper: 'tells tampering', availability: 'is supervised' },
};
