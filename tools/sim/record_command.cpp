#include "tools/sim/record_command.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <utility>

#include "protocols/http_client/client.hpp"
#include "sim/plan/times.hpp"
#include "sim/plan/write_scenario.hpp"
#include "sim/record/node_source.hpp"
#include "sim/record/record.hpp"
#include "sim/record/store_source.hpp"
#include "sim/world/shop_contracts.hpp"
#include "tools/exit_codes.hpp"

namespace bv::tools {
namespace {

int wrong(const error& why, int code) {
  std::fprintf(stderr, "bv sim record: %s\n", describe(why).c_str());
  return code;
}

result<std::unique_ptr<sim::event_source>> open_node(const std::string& text) {
  BV_ASSIGN(auto address, http_client::parse_address(text));
  const auto get = [address = std::move(address)](const std::string& target) -> result<sim::node_answer> {
    BV_ASSIGN(auto said, http_client::get(address, target));
    return sim::node_answer{said.status, std::move(said.etag), std::move(said.body)};
  };
  return sim::open_node_source(get, sim::shop_contracts());
}

result<std::unique_ptr<sim::event_source>> open_source(const sim_record_options& options) {
  if (options.address.empty()) return sim::open_store_source(options.data_dir, options.shards);
  return open_node(options.address);
}

result<void> write_file(const std::string& name, const std::string& text) {
  std::ofstream file(name, std::ios::binary);
  file << text;
  file.close();
  if (file) return {};
  return failure(error_kind::unavailable, "file_not_written", "can't write \"" + name + "\"", name);
}

void print(const sim_record_options& options, const sim::recording& made, const std::string& text) {
  if (options.json) {
    boost::json::object said{{"saga", options.saga}, {"unfinished", made.unfinished},
                             {"notes", boost::json::array(made.notes.begin(), made.notes.end())}};
    options.out_file.empty() ? said.emplace("scenario", text) : said.emplace("file", options.out_file);
    std::printf("%s\n", boost::json::serialize(said).c_str());
  } else if (options.out_file.empty()) {
    std::printf("%s", text.c_str());
  } else {
    std::printf("%s: %zu clients, %zu faults, %s. Replay it: bv sim run %s --timeline\n", options.out_file.c_str(),
                made.what.clients.size(), made.what.faults.size(), sim::to_text(made.what.time.chaos).c_str(),
                options.out_file.c_str());
  }
}

}  // namespace

int run_sim_record_command(const sim_record_options& options) {
  const auto source = open_source(options);
  if (!source) {
    const auto kind = source.error().kind;
    return wrong(source.error(), kind == error_kind::invalid || kind == error_kind::not_found ? exit_usage : exit_failed);
  }
  const auto made = sim::record_saga(**source, options.saga);
  if (!made) return wrong(made.error(), exit_failed);
  const auto text = sim::write_scenario(made->what, made->head);
  if (!options.out_file.empty())
    if (const auto written = write_file(options.out_file, text); !written) return wrong(written.error(), exit_failed);
  print(options, *made, text);
  if (made->unfinished)
    std::fprintf(stderr, "note: the saga is still running: the scenario expects what is known so far\n");
  for (const auto& one : made->notes) std::fprintf(stderr, "note: %s\n", one.c_str());
  return exit_done;
}

}  // namespace bv::tools
