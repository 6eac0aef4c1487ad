#include "tools/node/metrics.hpp"

#include "tools/node/metrics_page.hpp"

namespace bv::tools {
namespace {

constexpr double microsecond = 1e-6;

template <class Number>
double number(const Number& value) {
  return static_cast<double>(value);
}

void add_runtime(metrics_page& page, const runtime::node_metrics& seen) {
  page.counters("commands_total", "Commands by outcome.", "outcome",
                {{"accepted", number(seen.commands_accepted)},
                 {"rejected", number(seen.commands_rejected)},
                 {"repeated", number(seen.commands_repeated)},
                 {"overloaded", number(seen.commands_overloaded)},
                 {"timed_out", number(seen.commands_timed_out)}});
  page.histogram("command_seconds", "From admission to answer.", seen.command_us, microsecond);
  page.gauge("commands_in_flight", "Admitted and not answered.", number(seen.in_flight));
  page.gauge("shards_mending", "Shards whose log is rotten here, and is being mended by other nodes' logs.", number(seen.shards_mending));
  page.counter("views_total", "Reads of an entity's state.", number(seen.views));
  page.counter("events_total", "Events committed.", number(seen.events));
  page.gauge("entities_live", "Entities in memory.", number(seen.entities_live));
  page.counter("entities_loaded_total", "Entities read back from disk.", number(seen.entities_loaded));
  page.counter("entities_passivated_total", "Entities that left the memory.", number(seen.entities_passivated));
  page.counter("snapshots_total", "Snapshots taken.", number(seen.snapshots_taken));
  page.counter("wake_ups_total", "Durable timers that fired.", number(seen.wake_ups));
  page.histogram("batch_records", "Records in a shard's batch.", seen.batch_records);
  page.histogram("batch_bytes", "Size of a shard's batch.", seen.batch_bytes);

  metrics_page::labelled behind, failed, rebuilding, followed, retries;
  for (const auto& one : seen.projections) {
    behind.emplace_back(one.name, number(one.events_behind));
    failed.emplace_back(one.name, one.failed.empty() ? 0 : 1);
    rebuilding.emplace_back(one.name, one.rebuilding ? 1 : 0);
  }
  for (const auto& one : seen.subscriptions) {
    followed.emplace_back(one.name, number(one.events_behind));
    retries.emplace_back(one.name, number(one.retries));
  }
  page.gauges("projection_lag_events", "Events that a read model is behind.", "projection", behind);
  page.gauges("projection_failed", "1 if the read model has stopped at an event.", "projection", failed);
  page.gauges("projection_rebuilding", "1 while it is rebuilt.", "projection", rebuilding);
  page.gauges("subscription_lag_events", "Events that a subscription is behind.", "subscription", followed);
  page.counters("subscription_retries_total", "Events that had to be handled again.", "subscription", retries);
}

void add_journal(metrics_page& page, const commit_meter& seen) {
  page.histogram("commit_batches", "Shards' batches in one commit.", seen.batches.read());
  page.histogram("commit_records", "Records in one commit.", seen.records.read());
  page.histogram("commit_seconds", "One write to the journal, its fsync included.", seen.write_us.read(), microsecond);
  page.counter("journal_bytes_total", "Bytes written to the journal.", number(seen.size_bytes.value()));
}

void add_sagas(metrics_page& page, const sagas::engine_parts& engine) {
  const auto& seen = engine.measured;
  page.counters("sagas_total", "Sagas by how they ended.", "outcome",
                {{"completed", number(seen.completed.value())},
                 {"compensated", number(seen.compensated.value())},
                 {"cancelled", number(seen.cancelled.value())},
                 {"parked", number(seen.parked.value())}});
  page.counter("saga_steps_done_total", "Steps done.", number(seen.steps_done.value()));
  page.counter("saga_steps_undone_total", "Steps compensated.", number(seen.steps_undone.value()));
  page.counter("saga_calls_total", "Calls of aggregates, services and sagas.", number(seen.calls.value()));
  page.counter("saga_failed_attempts_total", "Calls that failed and may be tried again.",
               number(seen.failed_attempts.value()));

  metrics_page::labelled calls, failures, timeouts, broken, full, open, waiting, under_way;
  for (const auto& [name, service] : engine.services) {
    const auto& one = service->measured();
    calls.emplace_back(name, number(one.calls.value()));
    failures.emplace_back(name, number(one.failures.value()));
    timeouts.emplace_back(name, number(one.timeouts.value()));
    broken.emplace_back(name, number(one.refused_by_breaker.value()));
    full.emplace_back(name, number(one.refused_by_bulkhead.value()));
    open.emplace_back(name, number(static_cast<int>(service->breaker().now())));
    waiting.emplace_back(name, number(service->bulkhead().waiting()));
    under_way.emplace_back(name, number(service->bulkhead().under_way()));
  }
  page.counters("service_calls_total", "Calls of an external service.", "service", calls);
  page.counters("service_failures_total", "Calls that failed.", "service", failures);
  page.counters("service_timeouts_total", "Calls without an answer in time.", "service", timeouts);
  page.counters("service_refused_by_breaker_total", "Calls that the circuit breaker kept away.", "service", broken);
  page.counters("service_refused_by_bulkhead_total", "Calls for which there was no room.", "service", full);
  page.gauges("service_breaker_state", "0 closed, 1 open, 2 half-open.", "service", open);
  page.gauges("service_calls_under_way", "Calls that are under way.", "service", under_way);
  page.gauges("service_queue_depth", "Calls that wait for room.", "service", waiting);
}

void add_http(metrics_page& page, const http::counters& seen) {
  page.gauge("http_connections_open", "Open connections.", number(seen.connections_open.load()));
  page.gauge("http_streams_open", "Open event streams.", number(seen.streams_open.load()));
  page.gauge("http_bodies_buffered_bytes", "Large request bodies in memory.", number(seen.bodies_buffered_bytes.load()));
  page.counter("http_connections_total", "Connections accepted.", number(seen.connections_accepted.load()));
  page.counter("http_connections_refused_total", "Connections over the cap.", number(seen.connections_refused.load()));
  page.counter("http_requests_total", "Requests.", number(seen.requests.load()));
  page.counter("http_requests_refused_total", "Requests that were malformed or over a limit.",
               number(seen.requests_refused.load()));
  page.counter("http_requests_timed_out_total", "Requests answered 408 or 504.", number(seen.requests_timed_out.load()));
  page.counter("http_clients_cut_off_total", "Clients that took their bytes too slowly.",
               number(seen.clients_cut_off.load()));
  metrics_page::labelled classes;
  for (std::size_t i = 1; i < seen.answers_by_class.size(); ++i)
    classes.emplace_back(std::to_string(i) + "xx", number(seen.answers_by_class[i].load()));
  page.counters("http_answers_total", "Answers by class of status.", "class", classes);
}

}  // namespace

std::string render_metrics(const measured_parts& parts) {
  metrics_page page;
  page.gauge("ready", "1 if the node serves.", parts.ready ? 1 : 0);
  add_runtime(page, parts.runtime);
  add_journal(page, parts.commits);
  add_sagas(page, parts.sagas);
  add_http(page, parts.http);
  page.counter("log_lines_dropped_total", "Log lines that found the queue full.", number(parts.dropped_log_lines));
  return page.text();
}

}  // namespace bv::tools
