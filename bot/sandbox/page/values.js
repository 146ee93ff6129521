// The value of each element type that has one, in the shape Slack gives it in `view.state.values`.

/** For every select: where its value lies, where its initial value lies, and whether it takes several. */
export const SELECTS = {
  static_select: { key: "selected_option", initial: "initial_option" },
  external_select: { key: "selected_option", initial: "initial_option" },
  users_select: { key: "selected_user", initial: "initial_user" },
  conversations_select: { key: "selected_conversation", initial: "initial_conversation" },
  channels_select: { key: "selected_channel", initial: "initial_channel" },
  multi_static_select: { key: "selected_options", initial: "initial_options", many: true },
  multi_external_select: { key: "selected_options", initial: "initial_options", many: true },
  multi_users_select: { key: "selected_users", initial: "initial_users", many: true },
  multi_conversations_select: { key: "selected_conversations", initial: "initial_conversations", many: true },
  multi_channels_select: { key: "selected_channels", initial: "initial_channels", many: true },
};

const typed = (element) => ({ type: element.type, value: element.initial_value ?? null });

const selected = (element) => {
  const { key, initial, many } = SELECTS[element.type];
  return { type: element.type, [key]: element[initial] ?? (many ? [] : null) };
};

/** Element type → its value before anyone touched it. */
export const STATEFUL = {
  plain_text_input: typed,
  number_input: typed,
  email_text_input: typed,
  url_text_input: typed,
  rich_text_input: (element) => ({ type: element.type, rich_text_value: element.initial_value ?? null }),
  datepicker: (element) => ({ type: element.type, selected_date: element.initial_date ?? null }),
  timepicker: (element) => ({ type: element.type, selected_time: element.initial_time ?? null }),
  datetimepicker: (element) => ({
    type: element.type,
    selected_date_time: element.initial_date_time ?? null,
  }),
  radio_buttons: (element) => ({ type: element.type, selected_option: element.initial_option ?? null }),
  checkboxes: (element) => ({ type: element.type, selected_options: element.initial_options ?? [] }),
  file_input: (element) => ({ type: element.type, files: [] }),
  ...Object.fromEntries(Object.keys(SELECTS).map((type) => [type, selected])),
};
