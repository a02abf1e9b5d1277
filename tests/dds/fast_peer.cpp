#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include <fastdds/dds/domain/DomainParticipant.hpp>
#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/publisher/DataWriter.hpp>
#include <fastdds/dds/publisher/Publisher.hpp>
#include <fastdds/dds/subscriber/DataReader.hpp>
#include <fastdds/dds/subscriber/DataReaderListener.hpp>
#include <fastdds/dds/subscriber/SampleInfo.hpp>
#include <fastdds/dds/subscriber/Subscriber.hpp>
#include <fastdds/dds/topic/Topic.hpp>
#include <fastdds/dds/topic/TopicDataType.hpp>
#include <fastdds/dds/topic/TypeSupport.hpp>
#include <fastdds/rtps/transport/UDPv4TransportDescriptor.h>
#include <fastrtps/utils/IPLocator.h>

#include "peer_main.hpp"

// A program on Fast DDS that does what rmw_fastrtps does on the wire: a request is named by the identity of its sample,
// and the reply carries that name as its related sample. Nothing in it is takt's.
namespace {

namespace fast = eprosima::fastdds::dds;
namespace rtps = eprosima::fastrtps::rtps;

/// The CDR of a message, without the header, which Fast DDS keeps apart.
using Body = std::string;

class RawType : public fast::TopicDataType {
 public:
  explicit RawType(const std::string& name) {
    setName(name.c_str());
    m_typeSize = 4096;
    m_isGetKeyDefined = false;
    auto_fill_type_object(false);
    auto_fill_type_information(false);
  }
  bool serialize(void* data, rtps::SerializedPayload_t* payload) override {
    const Body& body = *static_cast<const Body*>(data);
    payload->encapsulation = CDR_LE;
    const unsigned char header[] = {0, 1, 0, 0};
    std::memcpy(payload->data, header, sizeof(header));
    std::memcpy(payload->data + sizeof(header), body.data(), body.size());
    payload->length = static_cast<std::uint32_t>(body.size() + sizeof(header));
    return true;
  }
  bool deserialize(rtps::SerializedPayload_t* payload, void* data) override {
    const std::size_t size = payload->length < 4 ? 0 : payload->length - 4;
    static_cast<Body*>(data)->assign(reinterpret_cast<const char*>(payload->data) + 4, size);
    return true;
  }
  std::function<std::uint32_t()> getSerializedSizeProvider(void* data) override {
    return [data] { return static_cast<std::uint32_t>(static_cast<const Body*>(data)->size() + 4); };
  }
  void* createData() override { return new Body; }
  void deleteData(void* data) override { delete static_cast<Body*>(data); }
  bool getKey(void* /*data*/, rtps::InstanceHandle_t* /*handle*/, bool /*force_md5*/) override { return false; }
};

template <class T>
T* checked(T* made, const char* what) {
  if (made == nullptr) {
    (void)std::fprintf(stderr, "%s could not be made\n", what);
    std::exit(1);
  }
  return made;
}

/// Only this host, over UDP.
fast::DomainParticipant* make_participant(std::uint32_t domain) {
  fast::DomainParticipantQos qos;
  auto udp = std::make_shared<eprosima::fastdds::rtps::UDPv4TransportDescriptor>();
  udp->interfaceWhiteList.emplace_back("127.0.0.1");
  udp->maxInitialPeersRange = 64;
  qos.transport().use_builtin_transports = false;
  qos.transport().user_transports.push_back(udp);
  rtps::Locator_t here;
  rtps::IPLocator::setIPv4(here, "127.0.0.1");
  qos.wire_protocol().builtin.initialPeersList.push_back(here);
  return checked(fast::DomainParticipantFactory::get_instance()->create_participant(domain, qos), "participant");
}

using OnBody = std::function<void(const Body&, const fast::SampleInfo&)>;

class Listener : public fast::DataReaderListener {
 public:
  explicit Listener(OnBody on_body) : on_body_(std::move(on_body)) {}
  void on_data_available(fast::DataReader* reader) override {
    Body body;
    fast::SampleInfo info;
    while (reader->take_next_sample(&body, &info) == ReturnCode_t::RETCODE_OK) {
      if (info.valid_data) {
        on_body_(body, info);
      }
    }
  }

 private:
  OnBody on_body_;
};

class Ends {
 public:
  Ends(fast::DomainParticipant* participant, const std::string& in, const std::string& in_type, const std::string& out,
       const std::string& out_type, OnBody on_body)
      : listener_(std::move(on_body)) {
    fast::DataWriterQos writer_qos;
    writer_qos.endpoint().history_memory_policy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
    writer_qos.history().depth = 100;
    writer = checked(checked(participant->create_publisher(fast::PUBLISHER_QOS_DEFAULT), "publisher")
                         ->create_datawriter(topic(participant, out, out_type), writer_qos),
                     "writer");
    fast::DataReaderQos reader_qos;
    reader_qos.reliability().kind = fast::RELIABLE_RELIABILITY_QOS;
    reader_qos.endpoint().history_memory_policy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
    reader_qos.history().depth = 100;
    reader = checked(checked(participant->create_subscriber(fast::SUBSCRIBER_QOS_DEFAULT), "subscriber")
                         ->create_datareader(topic(participant, in, in_type), reader_qos, &listener_),
                     "reader");
  }

  fast::DataWriter* writer{nullptr};
  fast::DataReader* reader{nullptr};

 private:
  static fast::Topic* topic(fast::DomainParticipant* participant, const std::string& name, const std::string& type) {
    fast::TypeSupport support(new RawType(type));
    (void)support.register_type(participant);
    return checked(participant->create_topic(name, type, fast::TOPIC_QOS_DEFAULT), "topic");
  }

  Listener listener_;
};

/// u32 length with the closing zero, the text.
Body text_body(const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size() + 1);
  Body body(sizeof(size), '\0');
  std::memcpy(body.data(), &size, sizeof(size));
  return body + text + '\0';
}

std::string text_at(const Body& body, std::size_t offset) {
  return body.size() > offset + 4 ? std::string(body.c_str() + offset + 4) : "malformed";
}

void echo(fast::DomainParticipant* participant, const peer::Task& task) {
  const std::string type = "std_msgs::msg::dds_::String_";
  std::atomic<fast::DataWriter*> writer{nullptr};
  Ends ends(participant, "rt" + task.first, type, "rt" + task.second, type,
            [&](const Body& heard, const fast::SampleInfo&) {
              Body said = text_body("fast:" + text_at(heard, 0));
              if (fast::DataWriter* const to = writer.load()) {
                (void)to->write(&said);
              }
            });
  writer = ends.writer;
  peer::say("ready");
  peer::wait_for_end_of_input();
  (void)ends.reader->set_listener(nullptr);
}

void serve(fast::DomainParticipant* participant, const peer::Task& task) {
  std::atomic<fast::DataWriter*> writer{nullptr};
  Ends ends(participant, "rq" + task.first + "Request", "std_srvs::srv::dds_::SetBool_Request_",
            "rr" + task.first + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
            [&](const Body& request, const fast::SampleInfo& info) {
              Body reply = Body("\1\0\0\0", 4) + text_body(request.at(0) != 0 ? "on" : "off");
              rtps::WriteParams params;
              params.related_sample_identity(info.sample_identity);
              if (fast::DataWriter* const to = writer.load()) {
                (void)to->write(&reply, params);
              }
            });
  writer = ends.writer;
  peer::say("ready");
  peer::wait_for_end_of_input();
  (void)ends.reader->set_listener(nullptr);
}

/// Asks over and over; says what it is answered.
void call(fast::DomainParticipant* participant, const peer::Task& task) {
  Ends ends(participant, "rr" + task.first + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
            "rq" + task.first + "Request", "std_srvs::srv::dds_::SetBool_Request_",
            [&](const Body& reply, const fast::SampleInfo&) { peer::say("answer: " + text_at(reply, 4)); });
  std::atomic<bool> ending{false};
  std::thread asking([&] {
    while (!ending) {
      Body request(1, '\1');
      (void)ends.writer->write(&request);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  peer::say("ready");
  peer::wait_for_end_of_input();
  ending = true;
  asking.join();
  (void)ends.reader->set_listener(nullptr);
}

}  // namespace

int main(int count, char** arguments) {
  const peer::Task task = peer::task_of(count, arguments);
  fast::DomainParticipant* const participant = make_participant(task.domain);
  if (task.what == "echo") {
    echo(participant, task);
  } else if (task.what == "serve") {
    serve(participant, task);
  } else {
    call(participant, task);
  }
  (void)participant->delete_contained_entities();
  (void)fast::DomainParticipantFactory::get_instance()->delete_participant(participant);
}
