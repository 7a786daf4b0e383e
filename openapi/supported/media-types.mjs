// The media types that more than one module names.

/// Server-sent events (HTML Standard, section 9.2).
export const EVENT_STREAM = 'text/event-stream';
