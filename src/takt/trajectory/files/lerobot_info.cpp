#include "takt/trajectory/files/lerobot_info.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <boost/describe.hpp>
#include <fmt/format.h>

#include "takt/core/csv/fields.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/json.hpp"

namespace takt::trajectory::files {

namespace internal {

constexpr const char* kVersion = "v3.0";
constexpr std::int64_t kChunkFiles = 1000;
constexpr std::int64_t kDataMegabytes = 100;
constexpr std::int64_t kVideoMegabytes = 200;

/// As they stand in the file.
struct FeatureText {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::optional<std::vector<std::string>> names;
};
BOOST_DESCRIBE_STRUCT(FeatureText, (), (dtype, shape, names))

struct InfoText {
  std::string codebase_version{kVersion};
  std::optional<std::string> robot_type;
  std::int64_t total_episodes{0};
  std::int64_t total_frames{0};
  std::int64_t total_tasks{0};
  std::int64_t chunks_size{kChunkFiles};
  std::int64_t data_files_size_in_mb{kDataMegabytes};
  std::int64_t video_files_size_in_mb{kVideoMegabytes};
  std::int64_t fps{0};
  std::map<std::string, std::string> splits;
  std::string data_path;
  std::optional<std::string> video_path;
  std::map<std::string, FeatureText> features;
};
BOOST_DESCRIBE_STRUCT(InfoText, (),
                      (codebase_version, robot_type, total_episodes, total_frames, total_tasks, chunks_size,
                       data_files_size_in_mb, video_files_size_in_mb, fps, splits, data_path, video_path, features))

}  // namespace internal

namespace {

using messages::JsonValue;

constexpr double kMaxFps = 1e6;
constexpr std::size_t kMaxFeatures = 10'000;

/// Members of a JSON object that must be there.
class Members {
 public:
  Members(const JsonValue& object, const std::string& name) : object_(object), name_(name) {}

  [[noreturn]] void refuse(const std::string& key, const std::string& what) const {
    throw ConfigError(name_, 0, key, what);
  }

  [[nodiscard]] std::string text(const std::string& key) const {
    const auto found = object_.member(key);
    const auto value = found ? found->as_string() : std::nullopt;
    if (!value) {
      refuse(key, "is missing, or no text");
    }
    return std::string(*value);
  }

  /// 0 when it is not there.
  [[nodiscard]] std::int64_t count(const std::string& key) const {
    const auto found = object_.member(key);
    const auto value = found ? found->as_int64() : std::optional<std::int64_t>(0);
    if (!value || *value < 0) {
      refuse(key, "is no number from 0");
    }
    return *value;
  }

  [[nodiscard]] double fps() const {
    const auto found = object_.member("fps");
    const auto value = found ? found->as_double() : std::nullopt;
    if (!value || !(*value > 0.0) || *value > kMaxFps) {
      refuse("fps", "is missing, or no number above 0");
    }
    return *value;
  }

 private:
  const JsonValue& object_;
  const std::string& name_;
};

LerobotFeature read_feature(const JsonValue& value, const std::string& key, const std::string& name) {
  const std::string field = "features." + core::csv::in_quotes(key);
  const auto dtype = value.member("dtype");
  const auto shape = value.member("shape");
  if (!dtype || !dtype->as_string() || !shape) {
    throw ConfigError(name, 0, field, "has no dtype or no shape");
  }
  LerobotFeature feature{.dtype = std::string(*dtype->as_string()), .shape = {}, .names = {}};
  const bool whole = shape->each_element([&](const JsonValue& size) {
    const auto number = size.as_int64();
    feature.shape.push_back(number.value_or(-1));
    return number.has_value() && *number >= 0;
  });
  if (!whole || std::ranges::any_of(feature.shape, [](std::int64_t size) { return size < 0; })) {
    throw ConfigError(name, 0, field, "has a shape that is no list of numbers from 0");
  }
  if (const auto names = value.member("names")) {
    names->each_element([&](const JsonValue& one) {
      feature.names.emplace_back(one.as_string().value_or(""));
      return true;
    });
  }
  return feature;
}

/// Only the two numbers may stand in braces, and the path stays inside the dataset.
void require_inside(const std::string& path, const std::string& name) {
  const std::filesystem::path parts(path);
  const bool outside = parts.is_absolute() || std::ranges::any_of(parts, [](const auto& part) { return part == ".."; });
  if (path.empty() || outside || std::ranges::any_of(path, core::csv::is_control)) {
    throw ConfigError(name, 0, "data_path", core::csv::in_quotes(path) + " leads out of the dataset");
  }
}

}  // namespace

LerobotInfo parse_lerobot_info(std::string_view text, const std::string& name) {
  const auto document = messages::JsonDocument::parse(text);
  if (!document || !document->root().is_object()) {
    throw ConfigError(name, 0, "", "is no JSON object");
  }
  const JsonValue root = document->root();
  const Members members(root, name);
  if (const std::string version = members.text("codebase_version"); version != internal::kVersion) {
    members.refuse("codebase_version", core::csv::in_quotes(version) + ": datasets of version v3.0 are read");
  }
  LerobotInfo info{.robot_type = {},
                   .fps = members.fps(),
                   .episodes = members.count("total_episodes"),
                   .frames = members.count("total_frames"),
                   .tasks = members.count("total_tasks"),
                   .data_path = members.text("data_path"),
                   .features = {}};
  if (const auto robot = root.member("robot_type"); robot && robot->as_string()) {
    info.robot_type = *robot->as_string();
  }
  require_inside(info.data_path, name);
  const auto features = root.member("features");
  const bool object = features && features->is_object();
  if (!object) {
    members.refuse("features", "is missing, or no object");
  }
  features->each_member([&](std::string_view key, const JsonValue& value) {
    info.features[std::string(key)] = read_feature(value, std::string(key), name);
    return info.features.size() < kMaxFeatures;
  });
  return info;
}

std::string to_text(const LerobotInfo& info) {
  internal::InfoText text;
  text.total_episodes = info.episodes;
  text.total_frames = info.frames;
  text.total_tasks = info.tasks;
  if (!info.robot_type.empty()) {
    text.robot_type = info.robot_type;
  }
  text.fps = std::llround(info.fps);
  text.splits["train"] = fmt::format("0:{}", info.episodes);
  text.data_path = info.data_path;
  for (const auto& [key, feature] : info.features) {
    auto& made = text.features[key];
    made = {.dtype = feature.dtype, .shape = feature.shape, .names = std::nullopt};
    if (!feature.names.empty()) {
      made.names = feature.names;
    }
  }
  return messages::to_json(text) + "\n";
}

std::filesystem::path data_file(const LerobotInfo& info, std::int64_t chunk, std::int64_t file) {
  std::string path = info.data_path;
  for (const auto& [key, number] : {std::pair{"chunk_index", chunk}, std::pair{"file_index", file}}) {
    for (const char* form : {":03d", ""}) {
      const std::string place = fmt::format("{{{}{}}}", key, form);
      if (const std::size_t at = path.find(place); at != std::string::npos) {
        path.replace(at, place.size(), *form != '\0' ? fmt::format("{:03d}", number) : fmt::format("{}", number));
      }
    }
  }
  return path;
}

}  // namespace takt::trajectory::files
