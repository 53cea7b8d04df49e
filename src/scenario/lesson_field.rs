//! What a lesson can ask of batches, requests, records and partitions, each with its word.

/// Kinds of words with which fields are asked for.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them with their words.
            pub const ALL: &[(&str, $name)] = &[$(($word, $name::$variant),)*];
        }
    };
}

fields! {
    /// What there is to know of a batch.
    BatchField {
        /// How many records it has.
        Records = "records",
        /// Its encoded bytes, of the first transmission.
        Bytes = "bytes",
        /// The share of its room that was used.
        Fill = "fill",
        /// Why it left first.
        Reason = "reason",
        /// From its first record to its first transmission.
        Waited = "waited",
        /// When its first record came in.
        Opened = "opened",
        /// When it became ready.
        Ready = "ready",
        /// Why it stayed although it was ready, the first time.
        Held = "held",
        /// When it was sent first.
        Sent = "sent",
        /// When a leader first had it in its log.
        Written = "written",
        /// When it was acknowledged.
        Acked = "acked",
        /// When it ended, however it did.
        Ended = "ended",
        /// How often it was sent.
        Attempts = "attempts",
        /// Its first sequence number.
        Sequence = "sequence",
        /// Its partition.
        Partition = "partition",
        /// The request that had it first.
        Request = "request",
        /// The offset of its first record.
        Offset = "offset",
        /// What the last leader did with it: `appended`, `duplicate`, or an error.
        Stored = "stored",
        /// The error after which it was sent again, the first time.
        Error = "error",
        /// With what its records failed.
        Exception = "exception",
    }
}

fields! {
    /// What there is to know of a produce request.
    RequestField {
        /// How many batches it has.
        Batches = "batches",
        /// Its bytes.
        Bytes = "bytes",
        /// When it was written.
        Sent = "sent",
        /// When it was at the broker.
        Arrived = "arrived",
        /// When its answer was back.
        Answered = "answered",
        /// The broker.
        Broker = "broker",
    }
}

fields! {
    /// What there is to know of a record.
    RecordField {
        /// Its partition.
        Partition = "partition",
        /// The number of its batch.
        Batch = "batch",
        /// From when it was due to its acknowledgement.
        Latency = "latency",
        /// The hash of its key, without its sign: what is divided by the number of partitions.
        Key = "key",
        /// When `send` was called.
        Called = "called",
        /// For how long `send` was blocked.
        Blocked = "blocked",
    }
}

fields! {
    /// What there is to know of a partition; the last five at the time of the step.
    PartitionField {
        /// Acknowledged records of the whole run.
        Records = "records",
        /// Their batches.
        Batches = "batches",
        /// The broker that leads it.
        Leader = "leader",
        /// The brokers in sync.
        Isr = "isr",
        /// The offset below which all in sync have everything.
        HighWatermark = "high-watermark",
        /// The offset behind the last record of the leader.
        LogEnd = "log-end",
        /// Its leader epoch.
        Epoch = "epoch",
    }
}
