#include "protocols/admin/server.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <exception>
#include <list>
#include <mutex>

#include "protocols/admin/conversation.hpp"
#include "protocols/http/core.hpp"
#include "protocols/http/problem.hpp"
#include "protocols/http/worker_pool.hpp"

namespace bv::admin {
namespace {

/// An operator is one person, or a script: few connections, and a cluster's operations may each take hours.
constexpr std::size_t connections_max = 64;
constexpr unsigned running_max = 16;

http::response json_of(const boost::json::object& content) {
  http::response made;
  made.add("Content-Type", "application/json");
  made.body = boost::json::serialize(content);
  return made;
}

result<boost::json::object> arguments_in(std::string_view body) {
  if (body.empty()) return boost::json::object{};
  boost::system::error_code wrong;
  auto read = boost::json::parse({body.data(), body.size()}, wrong);
  if (wrong || !read.is_object())
    return failure(error_kind::invalid, "malformed_json", "the arguments of an operation are a JSON object");
  return std::move(read.as_object());
}

result<boost::json::object> run(operation& what, const boost::json::object& arguments, const running& now) {
  try {
    return what.run(arguments, now);
  } catch (const std::exception& fault) {
    return failure(error_kind::internal, "internal", std::string("the operation failed: ") + fault.what());
  }
}

}  // namespace

struct server::parts final : http::handler {
  explicit parts(std::vector<std::unique_ptr<operation>> all) : operations(std::move(all)), workers(running_max, running_max) {}

  const std::vector<std::unique_ptr<operation>> operations;
  std::mutex guard;
  bool stopping = false;
  struct work {
    operation& what;
    std::stop_source stop;
  };
  std::list<work> under_way;
  http::worker_pool workers;
  std::unique_ptr<http::core> listening;  // last: it ends first

  void on_request(const http::request& asked, http::responder answer) override;
  void list(const http::responder& answer) const;
  void start(operation& what, boost::json::object arguments, const http::responder& answer);
  result<std::list<work>::iterator> begin(operation& what);
  void end(std::list<work>::iterator which);
  void ask_all_to_stop();
};

void server::parts::on_request(const http::request& asked, http::responder answer) {
  const auto& path = asked.where.segments();
  const bool ours = path.size() >= 2 && path.size() <= 3 && path[0] == "api" && path[1] == "admin";
  const auto what = std::ranges::find_if(operations, [&](const auto& one) { return path.size() == 3 && one->name() == path[2]; });
  if (!ours || (path.size() == 3 && what == operations.end()))
    return answer.send(http::problem({error_kind::not_found, "no_such_operation",
                                      "there is no operation at " + std::string(asked.where.path()) + "; GET /api/admin lists them", {}}));
  const bool listed = path.size() == 2;
  if (asked.verb != (listed ? http::method::get : http::method::post))
    return answer.send(http::problem(405, {error_kind::invalid, "method_not_allowed",
                                           listed ? "the list of operations is read with GET" : "an operation is started with POST", {}}));
  if (listed) return list(answer);
  auto arguments = arguments_in(asked.body);
  if (!arguments) return answer.send(http::problem(arguments.error()));
  start(**what, *std::move(arguments), answer);
}

void server::parts::list(const http::responder& answer) const {
  boost::json::array names;
  for (const auto& one : operations) names.emplace_back(one->name());
  answer.send(json_of({{"operations", std::move(names)}}));
}

void server::parts::start(operation& what, boost::json::object arguments, const http::responder& answer) {
  const auto begun = begin(what);
  if (!begun) return answer.send(http::problem(begun.error()));
  const auto with = std::make_shared<conversation>((*begun)->stop);
  const bool taken = workers.run([this, at = *begun, with, arguments = std::move(arguments)] {
    const running now{at->stop.get_token(), [&](const boost::json::object& how_far) { with->progress(how_far); }};
    const auto outcome = run(at->what, arguments, now);
    end(at);  // first: whoever has the last line may begin the next one
    with->end(outcome);
  });
  if (!taken) {
    end(*begun);
    return answer.send(http::problem({error_kind::overloaded, "too_many_operations", "too many operations are under way", {}, 1000}));
  }
  http::response made;
  made.add("Content-Type", "application/x-ndjson");
  made.streamed = with->body();
  answer.send(std::move(made));
}

result<std::list<server::parts::work>::iterator> server::parts::begin(operation& what) {
  const std::lock_guard lock(guard);
  if (stopping) return failure(error_kind::unavailable, "stopping", "the node is stopping");
  if (what.alone() && std::ranges::any_of(under_way, [&](const auto& one) { return &one.what == &what; }))
    return failure(error_kind::conflict, "already_running", "this operation is under way already", std::string(what.name()));
  return under_way.insert(under_way.end(), {what, {}});
}

void server::parts::end(std::list<work>::iterator which) {
  const std::lock_guard lock(guard);
  under_way.erase(which);
}

void server::parts::ask_all_to_stop() {
  const std::lock_guard lock(guard);
  stopping = true;
  for (auto& one : under_way) one.stop.request_stop();
}

server::server(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
server::~server() {
  stop();
}

result<std::unique_ptr<server>> server::start(const std::string& socket, std::vector<std::unique_ptr<operation>> operations) {
  auto p = std::make_unique<parts>(std::move(operations));
  http::core_options how;
  how.listen = "unix:" + socket;
  how.bounds.connections_max = connections_max;
  BV_ASSIGN(p->listening, http::core::start(std::move(how), *p));
  return std::unique_ptr<server>(new server(std::move(p)));
}

void server::stop() {
  parts_->ask_all_to_stop();
  parts_->workers.stop();
  parts_->listening->stop();
}

}  // namespace bv::admin
